// A descriptor that closes as soon as its process begins to die. The descriptors of a process are shared by its threads and
// close when the last of them has come to its end, which takes long when that one has little priority or has to give back
// the process's memory. A thread that has a table of descriptors of its own gives it up when it dies itself, and one that
// sleeps dies at once.
#include <semaphore.h>
#include <sys/stat.h>
#include <unistd.h>

#include "addon.h"
#include "quiet_thread.h"

namespace paritas {
namespace {

// As Linux has them, also where the headers are older than it.
constexpr long close_range_call = 436;
constexpr unsigned with_own_table = 1U << 1;

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

/** (descriptor of a socket); returns whether it is held. The rest of the process does not have it any more then. */
Napi::Value hold_lifeline(const Napi::CallbackInfo& info) {
  Order order = {info[0].As<Napi::Number>().Int32Value(), {}, false};
  if (!is_socket(order.descriptor)) return Napi::Boolean::New(info.Env(), false);
  sem_init(&order.done, 0, 0);
  if (begin_quiet_thread(hold, &order)) {
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
