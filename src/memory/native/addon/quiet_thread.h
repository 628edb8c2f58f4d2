// Threads that take next to nothing.
#pragma once

#include <pthread.h>

namespace paritas {

/** Begins a thread that nobody waits for, with a small stack; no signal is ever handled there. False where it cannot. */
bool begin_quiet_thread(void* (*work)(void*), void* argument);

}  // namespace paritas
