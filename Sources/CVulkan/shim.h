#include <vulkan/vulkan.h>
#include "cooperative_matrix.h"
