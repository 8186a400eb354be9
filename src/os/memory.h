#pragma once

// How this process treats memory that it gave back.

namespace baton::os {

// From now on freed memory is kept for what comes next: readers hold one content of some size after
// the other, and the kernel takes microseconds for each page that it gives anew. For processes that
// end soon.
void keep_freed_memory();

}  // namespace baton::os
