"""The measured files that twind is judged by: which column feeds which signal, in which unit.
A file is known by its columns, so that others of the same formats can be given."""
import csv
import datetime
import math
import os

# "inputs" and "outputs": column -> signal, or (signal, unit) where it is not the signal's own.
# "scored": the signals whose forecasts are judged. A format fits where "known_by" are columns.
FORMATS = [
    {"name": "greenhouse", "kind": "greenhouse", "known_by": ["in_temp_degC", "in_rh_pct", "in_co2_ppm", "out_temp_degC"],
     "inputs": {"out_temp_degC": "outdoor_temperature", "out_rh_pct": "outdoor_relative_humidity",
                "out_global_rad_W_m2": "solar_irradiance", "out_wind_m_s": "wind_speed", "vent_lee_pct": "vent_lee",
                "vent_wind_pct": "vent_wind", "lamp_pct": "lamp", "screen_energy_pct": "energy_screen",
                "screen_black_pct": "blackout_screen", "pipe_rail_degC_0isOff": "pipe_temperature",
                "pipe_low_degC_0isOff": "pipe_temperature", "pipe_grow_degC_0isOff": "grow_pipe_temperature",
                "sp_heat_degC": "heating_setpoint", "sp_vent_lee_degC": "ventilation_setpoint", "sp_co2_ppm": "co2_setpoint"},
     "outputs": {"in_temp_degC": "air_temperature", "in_rh_pct": "relative_humidity", "in_co2_ppm": "co2",
                 "in_par_umol_m2_s": "par"},
     "scored": ["air_temperature", "relative_humidity", "co2"]},
    {"name": "house", "kind": "building", "known_by": ["indoor_temp_degC", "outdoor_temp_degC"],
     "inputs": {"outdoor_temp_degC": "outdoor_temperature", "wind_speed_m_s": "wind_speed",
                "solar_irradiance_W_m2": "solar_irradiance"},
     "outputs": {"indoor_temp_degC": "indoor_temperature", "heat_supply_kW": ("heating_power", "kW"),
                 "heating_output_unitUnverified_kW": ("heating_power", "kW")},
     "scored": ["indoor_temperature", "heating_power"]},
    {"name": "air", "kind": "air_quality", "known_by": ["pm25_ug_m3", "wind_speed_m_s"],
     "inputs": {"temp_degC": "outdoor_temperature", "pressure_hPa": "pressure", "dew_point_degC": "dew_point",
                "wind_speed_m_s": "wind_speed", "wind_dir_deg": "wind_direction"},
     "outputs": {"pm25_ug_m3": "pm2_5", "pm10_ug_m3": "pm10", "so2_ug_m3": "so2", "no2_ug_m3": "no2", "co_ug_m3": "co",
                 "o3_ug_m3": "o3", "no_ppb": ("no", "ppb"), "no2_ppb": ("no2", "ppb"), "o3_ppb": ("o3", "ppb"),
                 "so2_ppb": ("so2", "ppb"), "co_ppm": ("co", "ppm")},
     "scored": ["pm2_5", "no2", "o3"]},
]
MOLAR_MASS = {"no": 30.006, "no2": 46.0055, "o3": 47.998, "so2": 64.064, "co": 28.010}
MOLAR_VOLUME = 24.055  # l/mol at 20 Cel and 1013.25 hPa: what European stations convert with
COMPASS = ["N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"]


def epoch(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def utc_offset(text):
    """Hours, of an ISO time; of a recording's first, its standard time."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).utcoffset().total_seconds() / 3600


def number(text):
    """None where it is none."""
    try:
        value = float(text)
    except (TypeError, ValueError):
        return None
    return value if math.isfinite(value) else None


def add_derived(row, values):
    """What a file says in other words: a bearing by name, NO as NOx less NO2."""
    if row.get("wind_dir_16") in COMPASS:
        values["wind_dir_deg"] = 22.5 * COMPASS.index(row["wind_dir_16"])
    if "nox_ppb" in values and "no2_ppb" in values:
        values["no_ppb"] = max(values["nox_ppb"] - values["no2_ppb"], 0)


def read(path):
    """[(time, {column: number})] of a file, without what is missing."""
    rows = []
    with open(path, newline="") as f:
        for row in csv.DictReader(f):
            values = {k: v for k, v in ((k, number(v)) for k, v in row.items() if k != "time") if v is not None}
            add_derived(row, values)
            rows.append((row["time"], values))
    return rows


def format_of(path):
    """The format of a file, by its columns; None."""
    if not path.endswith(".csv"):
        return None
    with open(path, newline="") as f:
        header = next(csv.reader(f), [])
    return next((f for f in FORMATS if "time" in header and set(f["known_by"]) <= set(header)), None)


def files(folder):
    """Those files of a folder that have a known format."""
    paths = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    return [path for path in paths if os.path.isfile(path) and format_of(path)]


def target(named):
    """(signal, unit or None) of a column's entry."""
    return named if isinstance(named, tuple) else (named, None)


def in_own_unit(value, signal, unit):
    """In the unit of the signal's own row: W, ug/m3."""
    if unit == "kW":
        return 1000 * value
    if unit in ("ppb", "ppm"):
        return value * MOLAR_MASS[signal] / MOLAR_VOLUME * (1000 if unit == "ppm" else 1)
    return value


def series(rows, columns):
    """{signal: {epoch: value}} in the signals' own units, of those columns that are there."""
    found = {}
    for time, values in rows:
        at = round(epoch(time))
        for column, named in columns.items():
            if column in values:
                signal, unit = target(named)
                found.setdefault(signal, {})[at] = in_own_unit(values[column], signal, unit)
    return found


def params(rows):
    """What a user tells of the place: nothing but its clock."""
    return {"utc_offset": utc_offset(rows[0][0])}
