#include "twind/adaptive.h"

#include "twind/mem.h"

#include <cvode/cvode.h>
#include <math.h>
#include <nvector/nvector_serial.h>
#include <stdlib.h>
#include <string.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>

enum { MAX_STEPS = 100000 };

struct adaptive {
    size_t n;
    ode_rhs *rhs;
    const void *context;
    double tolerance;
    SUNContext sun;
    N_Vector x, absolute;
    SUNMatrix matrix;
    SUNLinearSolver solver;
    void *cvode;
    double origin; /* CVODE counts from here: epoch seconds would eat its digits */
};

static int call_rhs(realtype t, N_Vector x, N_Vector dx, void *data)
{
    const struct adaptive *a = data;
    a->rhs(a->context, a->origin + t, N_VGetArrayPointer(x), N_VGetArrayPointer(dx));
    for (size_t i = 0; i < a->n; i++)
        if (!isfinite(N_VGetArrayPointer(dx)[i]))
            return 1; /* recoverable: try a smaller step */
    return 0;
}

static void be_silent(int code, const char *module, const char *function, char *message,
                      void *data)
{
    (void)code, (void)module, (void)function, (void)message, (void)data;
}

static bool allocate(struct adaptive *a)
{
    sunindextype n = (sunindextype)a->n;
    a->x = N_VNew_Serial(n, a->sun);
    a->absolute = N_VNew_Serial(n, a->sun);
    a->matrix = SUNDenseMatrix(n, n, a->sun);
    if (!a->x || !a->absolute || !a->matrix)
        return false;
    a->solver = SUNLinSol_Dense(a->x, a->matrix, a->sun);
    a->cvode = CVodeCreate(CV_BDF, a->sun);
    return a->solver && a->cvode;
}

static bool set_up(struct adaptive *a, const double *scale)
{
    for (size_t i = 0; i < a->n; i++)
        N_VGetArrayPointer(a->absolute)[i] = a->tolerance * fmax(fabs(scale[i]), 1e-9);
    N_VConst(0, a->x);
    return CVodeInit(a->cvode, call_rhs, 0, a->x) == CV_SUCCESS &&
           CVodeSVtolerances(a->cvode, a->tolerance, a->absolute) == CV_SUCCESS &&
           CVodeSetLinearSolver(a->cvode, a->solver, a->matrix) == CV_SUCCESS &&
           CVodeSetUserData(a->cvode, a) == CV_SUCCESS &&
           CVodeSetErrHandlerFn(a->cvode, be_silent, NULL) == CV_SUCCESS &&
           CVodeSetMaxNumSteps(a->cvode, MAX_STEPS) == CV_SUCCESS;
}

struct adaptive *adaptive_new(size_t n, ode_rhs *rhs, const void *context, double tolerance,
                              const double *scale)
{
    struct adaptive *a = mem_new(1, sizeof *a);
    *a = (struct adaptive){.n = n, .rhs = rhs, .context = context, .tolerance = tolerance};
    if (SUNContext_Create(NULL, &a->sun) != 0) {
        free(a);
        return NULL;
    }
    if (allocate(a) && set_up(a, scale))
        return a;
    adaptive_free(a);
    return NULL;
}

void adaptive_free(struct adaptive *a)
{
    if (!a)
        return;
    if (a->cvode)
        CVodeFree(&a->cvode);
    if (a->solver)
        SUNLinSolFree(a->solver);
    if (a->matrix)
        SUNMatDestroy(a->matrix);
    if (a->absolute)
        N_VDestroy(a->absolute);
    if (a->x)
        N_VDestroy(a->x);
    SUNContext_Free(&a->sun);
    free(a);
}

bool adaptive_run(struct adaptive *a, double t0, double t1, double *x, struct err *e)
{
    realtype reached = 0;
    a->origin = t0;
    memcpy(N_VGetArrayPointer(a->x), x, a->n * sizeof *x);
    int status = CVodeReInit(a->cvode, 0, a->x);
    if (status == CV_SUCCESS)
        status = CVodeSetStopTime(a->cvode, t1 - t0);
    if (status == CV_SUCCESS)
        status = CVode(a->cvode, t1 - t0, a->x, &reached, CV_NORMAL);
    if (status < 0) {
        char *name = CVodeGetReturnFlagName(status);
        err_set(e, "the adaptive integrator gave up after %.6g s of %.6g s: %s", reached,
                t1 - t0, name);
        free(name);
        return false;
    }
    memcpy(x, N_VGetArrayPointer(a->x), a->n * sizeof *x);
    return true;
}
