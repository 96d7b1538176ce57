// The memory of this process holds secrets: nobody else reads it, and no core dump keeps it.
#pragma once

namespace tocsin {

/// Before the first secret is read. No other user may trace this process or read its environment; no core is written.
void keep_memory_private();

}  // namespace tocsin
