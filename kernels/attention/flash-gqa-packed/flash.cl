// GROUP is a constant of this strategy: the rest is flash.
#include "../flash/flash.cl"
