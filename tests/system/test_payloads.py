"""Payloads in the wild through the real daemon by configuration alone: value, unit and time as stored."""
from harness import Client, check, equal, run, stage, wait_for

T = 1767225600.0  # 2026-01-01T00:00:00Z
J, SDS = "/uplink_message/decoded_payload/temperature", "/sensordatavalues"


def sds(name):
    return {"key": "value_type", "equals": name, "value": "value"}


# what, signal's unit, binding, topic, payload, [(value, epoch or None for the time of arrival)]
CASES = [
    ("Zigbee2MQTT, a space in the topic", "Cel", {"path": "/temperature"}, "zigbee2mqtt/weather sensor",
     '{"temperature":27.34,"humidity":44.72}', [(27.34, None)]),
    ("Zigbee2MQTT, a partial update", "%", {"path": "/humidity"}, "zigbee2mqtt/other", '{"temperature":27.3}', []),
    ("Zigbee2MQTT, Fahrenheit", "Cel", {"path": "/temperature", "unit": "°F"}, "zigbee2mqtt/f",
     '{"temperature":72.5}', [(22.5, None)]),
    ("Tasmota, unit beside, time without zone", "Cel",
     {"path": "/BME280/Temperature", "unit_path": "/TempUnit", "time": "/Time", "zone": "+01:00"}, "tele/tasmota/SENSOR",
     '{"Time":"2026-01-01T12:00:00","BME280":{"Temperature":71.6,"Humidity":49.0},"TempUnit":"F"}',
     [(22.0, T + 11 * 3600)]),
    ("Tasmota, a dot in the key", "ug/m3", {"path": "/PMS5003/PM2.5", "time": "/Time"}, "tele/pms/SENSOR",
     '{"Time":"2026-01-01T12:00:00","PMS5003":{"PM2.5":7}}', [(7, T + 12 * 3600)]),
    ("Shelly Gen1", "V", {}, "shellies/em3/emeter/0/voltage", "230.35", [(230.35, None)]),
    ("Shelly Gen2, a colon in the key", "W", {"path": "/params/switch:0/apower", "time": "/params/ts"},
     "shellies/plus1pm/events/rpc",
     '{"method":"NotifyStatus","params":{"ts":1767225610.45,"switch:0":{"apower":12.1}}}', [(12.1, T + 10.45)]),
    ("Shelly Gen2, another method", "W", {"path": "/params/switch:0/apower", "when": {"/method": "NotifyStatus"}},
     "shellies/two/events/rpc", '{"method":"NotifyEvent","params":{"switch:0":{"apower":12.1}}}', []),
    ("ESPHome, not a number", "Cel", {}, "livingroom/sensor/temperature/state", "nan", []),
    ("The Things Network, nanoseconds", "Cel", {"path": J, "time": "/received_at"}, "v3/app1@tenant1/devices/dev1/up",
     '{"uplink_message":{"decoded_payload":{"temperature":1.0}},"received_at":"2026-01-01T00:00:00.123456789Z"}',
     [(1.0, T + 0.123)]),
    ("SenML, base values, relative times", "Cel", {"format": "senml", "name": "urn:dev:x/temp"}, "senml/x",
     '[{"bn":"urn:dev:x/","bt":1.7672256e9,"n":"temp","u":"Cel","v":23.1},{"n":"temp","t":-5,"v":22.9},'
     '{"n":"hum","u":"%RH","v":50}]', [(22.9, T - 5), (23.1, T)]),
    ("SenML, Kelvin", "Cel", {"format": "senml", "name": "k"}, "senml/k", '[{"n":"k","u":"K","bt":1767225600,"v":300.15}]',
     [(27.0, T)]),
    ("PurpleAir, a text that says nan", "ug/m3", {"path": "/pm2_5_atm"}, "purple/a",
     '{"pm2_5_atm":"nan","current_temp_f":72,"pm2.5_aqi":17}', []),
    ("PurpleAir, Fahrenheit", "Cel", {"path": "/current_temp_f", "unit": "[degF]"}, "purple/b",
     '{"pm2_5_atm":"nan","current_temp_f":77,"pm2.5_aqi":17}', [(25.0, None)]),
    ("AirGradient", "ug/m3", {"path": "/pm02"}, "airgradient/readings/abc", '{"pm02":7,"rco2":447,"atmp":25.87}', [(7, None)]),
    ("Sensor.Community, a name/value list", "ug/m3", {"path": SDS, "find": sds("SDS_P2")}, "sc/p2",
     '{"sensordatavalues":[{"value_type":"SDS_P1","value":"1.20"},{"value_type":"SDS_P2","value":"0.20"}]}', [(0.2, None)]),
    ("Sensor.Community, Pa", "hPa", {"path": SDS, "find": sds("BME280_pressure"), "unit": "Pa"}, "sc/p",
     '{"sensordatavalues":[{"value_type":"BME280_pressure","value":"101325.00"}]}', [(1013.25, None)]),
    ("rtl_433, this device", "Cel", {"path": "/temperature_C", "when": {"/model": "Fineoffset-WH24", "/id": 140}},
     "rtl_433/host/events", '{"model":"Fineoffset-WH24","id":140,"temperature_C":5.5,"wind_avg_m_s":1.12}', [(5.5, None)]),
    ("rtl_433, another device", "Cel", {"path": "/temperature_C", "when": {"/model": "Fineoffset-WH24", "/id": 141}},
     "rtl_433/host2/events", '{"model":"Fineoffset-WH24","id":140,"temperature_C":5.5}', []),
    ("rtl_433, any host", "m/s", {"topic": "rtl_433/+/wind", "path": "/wind_avg_km_h", "unit": "km/h"}, "rtl_433/roof/wind",
     '{"wind_avg_km_h":36}', [(10.0, None)]),
    ("Victron", "W", {"path": "/value"}, "N/portal/pvinverter/20/Ac/Power", '{"value":936}', [(936, None)]),
    ("Victron, null", "W", {"path": "/value"}, "N/portal/pvinverter/21/Ac/Power", '{"value":null}', []),
    ("Victron, empty", "W", {"path": "/value"}, "N/portal/pvinverter/22/Ac/Power", "", []),
    ("DSMR-reader, text, kW", "W", {"path": "/electricity_currently_delivered", "unit": "kW"}, "dsmr/json",
     '{"electricity_currently_delivered":"0.243"}', [(243.0, None)]),
    ("emoncms, CSV", "V", {"format": "csv", "column": 1}, "emon/emontx", "10,11,12", [(11, None)]),
    ("CSV with time, semicolons", "V", {"format": "csv", "column": 2, "time": "/0"}, "csv/t", "1767225600000;1;12.5", [(12.5, T)]),
    ("on and off", "", {"path": "/state"}, "switch/a", '{"state":"ON"}', [(1, None)]),
    ("true and false", "", {"path": "/state"}, "switch/b", '{"state":false}', [(0, None)]),
    ("scale and offset", "Cel", {"path": "/raw", "scale": 0.1, "offset": -40}, "raw/a", '{"raw":650}', [(25.0, None)]),
    ("epoch in ms", "V", {"path": "/v", "time": "/t"}, "ms/a", '{"v":1,"t":1767225600250}', [(1, T + 0.25)]),
    ("ISO 8601 with zone", "V", {"path": "/v", "time": "/t"}, "iso/a", '{"v":1,"t":"2026-01-01T02:00:00+02:00"}', [(1, T)]),
    ("a number with its unit", "Cel", {}, "with/unit", "68 °F", [(20.0, None)]),
    ("a quoted key", "V", {"path": "/a~1b/~0c/0"}, "quoted/a", '{"a/b":{"~c":[5]}}', [(5, None)]),
    ("out of range", "Cel", {"path": "/v", "range": [-40, 85]}, "range/a", '{"v":-127}', [(-127, None)]),
]


def build():
    return [{"id": "t%d" % i, "kind": "generic", "signals": {"x": {"unit": unit}},
             "bind": {"x": {"topic": topic, **binding}}} for i, (_, unit, binding, topic, _, _) in enumerate(CASES)]


def every_payload_decodes_by_configuration_alone():
    with stage() as s:
        s.start_broker()
        s.start_twind(s.configure({"history": {"raw": "3650d"}, "twins": build() + [{"id": "end", "kind": "generic", "signals": {"x": {}},
                                                       "bind": {"x": "end"}}]}))
        client = Client(s.port)
        for case in CASES:
            client.publish(case[3], case[4])
        client.publish("end", "1")
        wait_for("the end", lambda: s.query("SELECT 1 FROM readings WHERE twin = 'end'"))
        arrived = s.one("SELECT epoch FROM readings WHERE twin = 'end'")
        for i, (what, unit, _, _, _, wanted) in enumerate(CASES):
            rows = s.query("SELECT value, unit, epoch, quality FROM readings WHERE twin = ? ORDER BY epoch", "t%d" % i)
            near = len(rows) == len(wanted) and all(
                abs(r[0] - w[0]) < 1e-9 * max(1, abs(w[0])) and r[1] == unit and
                abs(r[2] - (arrived if w[1] is None else w[1])) < (5 if w[1] is None else 0.0011)
                for r, w in zip(rows, wanted))
            check(near, what, rows, wanted)
        equal(s.query("SELECT quality FROM readings WHERE twin = 't%d'" % (len(CASES) - 1)), [("out_of_range",)],
              "out of range is stored as such")


def a_meter_and_gases_come_out_right():
    twins = [{"id": "meter", "kind": "generic", "signals": {"x": {"unit": "kWh"}},
              "bind": {"x": {"topic": "meter", "unit": "Wh", "counter": True}}},
             {"id": "air", "kind": "air_quality",
              "bind": {"no2": {"topic": "no2", "unit": "ppb"}, "outdoor_temperature": "temp", "pressure": "press"}}]
    with stage() as s:
        s.start_broker()
        s.start_twind(s.configure({"twins": twins}))
        client = Client(s.port)
        for value in (1000, 1500, 0, 300):  # a reset
            client.publish("meter", str(value))
        wait_for("meter", lambda: s.one("SELECT count(*) FROM readings WHERE twin = 'meter'") == 4)
        equal([round(r[0], 9) for r in s.query("SELECT value FROM readings WHERE twin = 'meter' ORDER BY epoch")],
              [1.0, 1.5, 1.5, 1.8], "a meter goes on after its reset")
        client.publish("temp", "25")
        client.publish("press", "1013.25")
        client.publish("no2", "100")
        wait_for("no2", lambda: s.query("SELECT 1 FROM readings WHERE signal = 'no2'"))
        value, unit = s.query("SELECT value, unit FROM readings WHERE signal = 'no2'")[0]
        check(unit == "ug/m3" and abs(value - 100 * 46.0055 / 24.465) < 0.2, "100 ppb of NO2 at 25 Cel, 1013.25 hPa", value)


run(every_payload_decodes_by_configuration_alone, a_meter_and_gases_come_out_right)
