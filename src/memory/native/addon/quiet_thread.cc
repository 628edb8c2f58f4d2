#include "quiet_thread.h"

#include <csignal>

namespace paritas {

/** Enough for a thread that mostly waits. */
static constexpr size_t stack_bytes = 128 * 1024;

bool begin_quiet_thread(void* (*work)(void*), void* argument) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack_bytes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const bool has_begun = pthread_create(&thread, &attributes, work, argument) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  return has_begun;
}

}  // namespace paritas
