#include "write_faults.h"

#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <mutex>

namespace paritas {
namespace {

constexpr size_t kGuardsMax = 1024;

std::atomic<GuardedRange*> guards[kGuardsMax];
// Entries from here on were never used.
std::atomic<size_t> guards_end{0};
// Handlers that look through the table just now.
std::atomic<uint32_t> searching{0};
std::mutex registering;
struct sigaction previous;

static_assert(std::atomic<uint32_t>::is_always_lock_free && std::atomic<GuardedRange*>::is_always_lock_free,
              "the handler takes no lock");
static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t), "JavaScript sees plain words");

int thread_id() { return static_cast<int>(::syscall(SYS_gettid)); }

bool is_zeros(const uint8_t* page, size_t bytes) {
  const auto* words = reinterpret_cast<const uint64_t*>(page);
  for (size_t i = 0; i < bytes / sizeof(uint64_t); ++i) {
    if (words[i] != 0) return false;
  }
  return true;
}

// No call of memcpy: sanitizers intercept it, and inside a handler they must not be entered.
void copy_page(uint8_t* target, const uint8_t* source, size_t bytes) {
  auto* to = reinterpret_cast<uint64_t*>(target);
  const auto* from = reinterpret_cast<const uint64_t*>(source);
  for (size_t i = 0; i < bytes / sizeof(uint64_t); ++i) to[i] = from[i];
}

/** Keeps the old content of a page unless that is done, or is being done by another thread. */
bool keep(CopyBuffer& buffer, const uint8_t* content, uint32_t page, size_t page_bytes) {
  uint32_t found = kSlotNone;
  if (!buffer.slots[page].compare_exchange_strong(found, kSlotClaimed)) return found != kSlotClaimed;
  uint32_t slot = kSlotZeros;
  // Memory that was never written needs no copy.
  if (!is_zeros(content, page_bytes)) {
    const uint32_t frame = buffer.list[1].fetch_add(1);
    copy_page(buffer.frames + size_t{frame} * page_bytes, content, page_bytes);
    slot = kSlotFirstFrame + frame;
  }
  buffer.list[2 + buffer.list[0].fetch_add(1)].store(page);
  // From here on readers use the copy; only now may the page change.
  buffer.slots[page].store(slot);
  return true;
}

/** Whether the write may be tried again; it faults again if it has to. */
bool handle(GuardedRange* guard, uintptr_t address) {
  guard->working.fetch_add(1);
  if (guard->paused.load() != 0 && guard->paused_by.load() != thread_id()) {
    guard->working.fetch_sub(1);
    guard->waited.fetch_add(1);
    ::syscall(SYS_futex, &guard->paused, FUTEX_WAIT_PRIVATE, 1, nullptr, nullptr, 0);
    return true;
  }
  const size_t page_bytes = system_page_bytes();
  const auto page = static_cast<uint32_t>((address - guard->range.begin) / page_bytes);
  const uintptr_t begin = guard->range.begin + size_t{page} * page_bytes;
  CopyBuffer& buffer = guard->buffers[guard->primary.load()];
  int error = 0;
  if (keep(buffer, reinterpret_cast<const uint8_t*>(begin), page, page_bytes)) {
    error = guard->protection.protect({begin, begin + page_bytes}, false);
  } else {
    ::sched_yield();
  }
  guard->working.fetch_sub(1);
  // A guard that is being closed has opened all pages. Any other failure would make the write fault for ever.
  return error == 0 || error == EBADF;
}

/** Whether the fault was one of a guarded range, and could be handled. */
bool handle_if_guarded(uintptr_t address) {
  searching.fetch_add(1);
  GuardedRange* found = nullptr;
  for (size_t i = 0; i < guards_end.load(); ++i) {
    GuardedRange* guard = guards[i].load();
    if (guard != nullptr && guard->range.contains(address)) found = guard;
  }
  const bool is_handled = found != nullptr && handle(found, address);
  searching.fetch_sub(1);
  return is_handled;
}

void pass_on(int number, siginfo_t* info, void* context) {
  if ((previous.sa_flags & SA_SIGINFO) != 0) return previous.sa_sigaction(number, info, context);
  if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) return previous.sa_handler(number);
  // The default ends the process as it would have without this handler, once this handler returns.
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  ::sigaction(SIGBUS, &standard, nullptr);
  ::raise(SIGBUS);
}

void on_bus_error(int number, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  if (!handle_if_guarded(reinterpret_cast<uintptr_t>(info->si_addr))) pass_on(number, info, context);
  errno = saved_errno;
}

std::string install_once() {
  static const std::string problem = [] {
    struct sigaction action = {};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    ::sigemptyset(&action.sa_mask);
    if (::sigaction(SIGBUS, &action, &previous) == 0) return std::string();
    return std::string("sigaction: ") + std::strerror(errno);
  }();
  return problem;
}

}  // namespace

std::string register_guard(GuardedRange* guard) {
  const std::lock_guard<std::mutex> lock(registering);
  // The handler asks for it, and must not be the first to.
  system_page_bytes();
  std::string problem = install_once();
  if (!problem.empty()) return problem;
  for (size_t i = 0; i < kGuardsMax; ++i) {
    if (guards[i].load() != nullptr) continue;
    guards[i].store(guard);
    if (guards_end.load() <= i) guards_end.store(i + 1);
    return "";
  }
  return "too many guarded memories in one process";
}

void unregister_guard(GuardedRange* guard) {
  const std::lock_guard<std::mutex> lock(registering);
  for (auto& entry : guards) {
    if (entry.load() == guard) entry.store(nullptr);
  }
  while (searching.load() != 0) ::sched_yield();
}

void pause_writers(GuardedRange* guard) {
  guard->waited.store(0);
  guard->paused_by.store(thread_id());
  guard->paused.store(1);
  while (guard->working.load() != 0) ::sched_yield();
}

void resume_writers(GuardedRange* guard) {
  guard->paused.store(0);
  ::syscall(SYS_futex, &guard->paused, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace paritas
