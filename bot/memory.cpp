#include "bot/memory.hpp"

#include <malloc.h>

namespace tocsin {

void share_heaps() { ::mallopt(M_ARENA_MAX, 2); }

void give_back_memory() { ::malloc_trim(0); }

}  // namespace tocsin
