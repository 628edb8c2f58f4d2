// A descriptor that closes as soon as its process begins to die. The descriptors of a process are shared by its threads and
// close when the last of them has come to its end, which takes long when that one has little priority or has to give back
// the process's memory. A thread that has a table of descriptors of its own gives it up when it dies itself, and one that
// sleeps dies at once.
#include <pthread.h>
#include <semaphore.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "addon.h"

namespace paritas {
namespace {

// As Linux has them, also where the headers are older than it.
constexpr long close_range_call = 436;
constexpr unsigned with_own_table = 1U << 1;

/** Enough for a thread that only waits. */
constexpr size_t stack_bytes = 128 * 1024;

struct Order {
  int descriptor;
  sem_t done;
  bool is_held = false;
};

/** Leaves this thread with this descriptor alone, in a table of its own. Linux can since 5.9, without any privilege. */
bool keeps_only(unsigned descriptor) {
  const bool is_apart = syscall(close_range_call, descriptor + 1, ~0U, with_own_table) == 0;
  return is_apart && (descriptor == 0 || syscall(close_range_call, 0U, descriptor - 1, 0) == 0);
}

void* hold(void* given) {
  auto* order = static_cast<Order*>(given);
  const bool is_held = keeps_only(static_cast<unsigned>(order->descriptor));
  order->is_held = is_held;
  // From here on the order is its maker's.
  sem_post(&order->done);
  while (is_held) pause();
  return nullptr;
}

bool is_socket(int descriptor) {
  struct stat status = {};
  return fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode);
}

bool start_holding(Order& order) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack_bytes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  // No signal is ever handled there, so that nothing but its end wakes it.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const bool has_begun = pthread_create(&thread, &attributes, hold, &order) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  return has_begun;
}

/** (descriptor of a socket); returns whether it is held. The rest of the process does not have it any more then. */
Napi::Value hold_lifeline(const Napi::CallbackInfo& info) {
  Order order = {info[0].As<Napi::Number>().Int32Value(), {}, false};
  if (!is_socket(order.descriptor)) return Napi::Boolean::New(info.Env(), false);
  sem_init(&order.done, 0, 0);
  if (start_holding(order)) {
    while (sem_wait(&order.done) != 0) continue;
  }
  sem_destroy(&order.done);
  if (order.is_held) close(order.descriptor);
  return Napi::Boolean::New(info.Env(), order.is_held);
}

}  // namespace

void export_lifeline(Napi::Env env, Napi::Object exports) {
  exports["holdLifeline"] = Napi::Function::New(env, hold_lifeline, "holdLifeline");
}

}  // namespace paritas
