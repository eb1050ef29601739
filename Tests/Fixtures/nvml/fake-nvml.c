// A management library with one GPU at 0000:65:00.0 whose energy counter is updated every 20 ms at 150 W. What its
// power sensor shows, and what holds its clocks back, can be set when it is compiled.

#ifndef MILLIWATTS
#define MILLIWATTS 150000
#endif
#ifndef REASONS
#define REASONS 0x4
#endif

#include <string.h>
#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int nvmlInit_v2(void) { return 0; }

int nvmlDeviceGetCount_v2(unsigned int *count) {
    *count = 1;
    return 0;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void **device) {
    static int gpu;
    *device = &gpu;
    return index == 0 ? 0 : 2;
}

int nvmlDeviceGetPciInfo_v3(void *device, void *info) {
    (void)device;
    struct {
        char legacy[16];
        unsigned int domain, bus, device, id, subsystem;
        char bus_id[32];
    } pci = {.bus = 0x65};
    memcpy(info, &pci, sizeof pci);
    return 0;
}

int nvmlDeviceGetTotalEnergyConsumption(void *device, unsigned long long *millijoules) {
    (void)device;
    *millijoules = 1000ULL * (unsigned long long)(150 * 0.02 * (double)(long long)(now() / 0.02));
    return 0;
}

int nvmlDeviceGetPowerUsage(void *device, unsigned int *milliwatts) {
    (void)device;
    *milliwatts = MILLIWATTS;
    return 0;
}

int nvmlDeviceGetFieldValues(void *device, int count, void *fields) {
    struct field {
        unsigned int id, scope;
        long long timestamp, latency;
        int type, result;
        union {
            double real;
            unsigned int small;
            unsigned long long large;
        } value;
    } *field = fields;
    (void)device;
    if (count != 1 || field->id != 186) return 3;
    field->type = 1;
    field->result = 0;
    field->value.small = MILLIWATTS;
    return 0;
}

int nvmlDeviceGetClockInfo(void *device, int kind, unsigned int *megahertz) {
    (void)device;
    *megahertz = kind == 1 ? 1410 : 5001;
    return 0;
}

int nvmlDeviceGetTemperature(void *device, int kind, unsigned int *celsius) {
    (void)device;
    (void)kind;
    *celsius = 61;
    return 0;
}

#ifdef EVENT_REASONS
// The function's name since version 12.2; the old one gives something else here, so that the test sees which is asked.
int nvmlDeviceGetCurrentClocksEventReasons(void *device, unsigned long long *reasons) {
    (void)device;
    *reasons = EVENT_REASONS;
    return 0;
}
#endif

int nvmlDeviceGetCurrentClocksThrottleReasons(void *device, unsigned long long *reasons) {
    (void)device;
    *reasons = REASONS;
    return 0;
}
