#ifndef JOULEMARK_NVML_TYPES_H
#define JOULEMARK_NVML_TYPES_H

// The part of NVML's binary interface that the meter uses; libnvidia-ml.so.1 is opened at run time, and its header need
// not be installed. Layouts and numbers are those of nvml.h 13.3.29, which github.com/NVIDIA/go-nvml keeps in pkg/nvml:
// nvmlPciInfo_t, nvmlFieldValue_t, nvmlValueType_t, nvmlReturn_t, nvmlClockType_t, NVML_FI_DEV_POWER_INSTANT.

typedef struct joulemark_nvml_device *joulemark_nvml_device;

typedef struct {
    char busIdLegacy[16];
    unsigned int domain;
    unsigned int bus;
    unsigned int device;
    unsigned int pciDeviceId;
    unsigned int pciSubSystemId;
    char busId[32];
} joulemark_nvml_pci;

typedef struct {
    unsigned int fieldId;
    unsigned int scopeId;
    long long timestamp;
    long long latencyMicroseconds;
    int valueType;
    int result;
    union {
        double real;
        unsigned int small;
        unsigned long long large;
    } value;
} joulemark_nvml_field;

// What the compiler finds for the types of nvml.h on 64-bit Linux.
_Static_assert(sizeof(joulemark_nvml_pci) == 68, "nvmlPciInfo_t");
_Static_assert(sizeof(joulemark_nvml_field) == 40, "nvmlFieldValue_t");

typedef int (*joulemark_nvml_init)(void);
typedef int (*joulemark_nvml_count)(unsigned int *count);
typedef int (*joulemark_nvml_handle)(unsigned int index, joulemark_nvml_device *device);
typedef int (*joulemark_nvml_get_pci)(joulemark_nvml_device device, joulemark_nvml_pci *pci);
typedef int (*joulemark_nvml_get_large)(joulemark_nvml_device device, unsigned long long *value);
typedef int (*joulemark_nvml_get_small)(joulemark_nvml_device device, unsigned int *value);
typedef int (*joulemark_nvml_get_kind)(joulemark_nvml_device device, int kind, unsigned int *value);
typedef int (*joulemark_nvml_get_fields)(joulemark_nvml_device device, int count, joulemark_nvml_field *fields);

enum {
    JOULEMARK_NVML_SUCCESS = 0,
    JOULEMARK_NVML_NOT_SUPPORTED = 3,
    JOULEMARK_NVML_NO_PERMISSION = 4,
    JOULEMARK_NVML_GPU_IS_LOST = 15,
    JOULEMARK_NVML_VALUE_UNSIGNED_INT = 1,
    JOULEMARK_NVML_FIELD_POWER_INSTANT = 186,
    JOULEMARK_NVML_CLOCK_SM = 1,
    JOULEMARK_NVML_CLOCK_MEMORY = 2,
    JOULEMARK_NVML_TEMPERATURE_GPU = 0,
};

#endif
