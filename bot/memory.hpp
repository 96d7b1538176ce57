// How much memory the process keeps: glibc's allocator is tuned for speed on many cores, a quiet bot wants to be small.
#pragma once

namespace tocsin {

/// At the very start, before there are threads: all of them share two heaps. Each thread would else be given its own,
/// and what is freed in one is of no use to another.
void share_heaps();

/// Hands what is free back to the system: after a start or a reload, which leave much behind that is never used again.
void give_back_memory();

}  // namespace tocsin
