// Touching memory before it is needed: the system gives a page at the first write to it, and a virtual machine may have to
// get it from its host, so whoever writes first waits. Threads of low priority do that here. What they write is a zero over
// a zero, in one step that nothing can come between, so they may run beside everybody who uses the memory.
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <vector>

#include "addon.h"
#include "quiet_thread.h"
#include "view_range.h"

namespace paritas {
namespace {

/** A thread looks after so many whether it shall go on. */
constexpr size_t pages_per_piece = 64;
/** The last step of `nice`; what stands lower is touched when no core has anything else to do. */
constexpr int nice_max = 19;

/** What is touched, by however many threads. It lives as long as one of them. */
struct Work {
  std::vector<AddressRange> pieces;
  std::atomic<size_t> next{0};
  std::atomic<size_t> done{0};
  std::atomic<int> threads{0};
  std::atomic<bool> is_stopped{false};
};

struct Order {
  std::shared_ptr<Work> work;
  int niceness;
};

/** A plain read would map a page of zeros that all share, and be followed by another fault. */
void touch_page(uintptr_t address) {
  unsigned char zero = 0;
  __atomic_compare_exchange_n(reinterpret_cast<unsigned char*>(address), &zero, 0, false, __ATOMIC_RELAXED,
                              __ATOMIC_RELAXED);
}

/** Of the calling thread; where the system does not let it have one of its own, it keeps what it has. */
void take_priority(int niceness) {
  struct sched_param none = {};
  if (niceness > nice_max) sched_setscheduler(0, SCHED_IDLE, &none);
  else setpriority(PRIO_PROCESS, 0, niceness);
}

void* run(void* given) {
  const std::unique_ptr<Order> order(static_cast<Order*>(given));
  Work& work = *order->work;
  take_priority(order->niceness);
  for (size_t i = work.next++; i < work.pieces.size() && !work.is_stopped; i = work.next++) {
    const auto [begin, end] = work.pieces[i];
    for (uintptr_t at = begin; at < end && !work.is_stopped; at += system_page_bytes()) touch_page(at);
    ++work.done;
  }
  --work.threads;
  return nullptr;
}

bool start(const std::shared_ptr<Work>& work, int niceness) {
  auto order = std::make_unique<Order>(Order{work, niceness});
  ++work->threads;
  const bool has_begun = begin_quiet_thread(run, order.get());
  if (has_begun) order.release();
  else --work->threads;
  return has_begun;
}

/** (bytes); the pages of it that are in memory, as pairs of first page and the one after the last. */
Napi::Value resident(const Napi::CallbackInfo& info) {
  const AddressRange range = range_of(info[0].As<Napi::Uint8Array>());
  std::vector<uint32_t> ends;
  if (is_whole_pages(range)) {
    std::vector<unsigned char> states(range.bytes() / system_page_bytes());
    if (mincore(reinterpret_cast<void*>(range.begin), range.bytes(), states.data()) != 0) states.clear();
    bool was_resident = false;
    for (size_t i = 0; i <= states.size(); ++i) {
      const bool is_resident = i < states.size() && (states[i] & 1) != 0;
      if (is_resident != was_resident) ends.push_back(static_cast<uint32_t>(i));
      was_resident = is_resident;
    }
  }
  auto ranges = Napi::Uint32Array::New(info.Env(), ends.size());
  std::copy(ends.begin(), ends.end(), ranges.Data());
  return ranges;
}

class Toucher : public Napi::ObjectWrap<Toucher> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Toucher",
                       {InstanceMethod<&Toucher::touch>("touch"), InstanceMethod<&Toucher::hurry>("hurry"),
                        InstanceMethod<&Toucher::is_busy>("isBusy"), InstanceMethod<&Toucher::stop>("stop")});
  }

  explicit Toucher(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Toucher>(info) {
    info.Env().AddCleanupHook([this] { end(); });
    // So that the hook never finds it gone.
    Ref();
  }

 private:
  /** (bytes, pages, niceness); whether it has begun: only what is not busy can. `pages`: runs of the system's pages. */
  Napi::Value touch(const Napi::CallbackInfo& info) {
    const auto view = info[0].As<Napi::Uint8Array>();
    const auto pages = info[1].As<Napi::Uint32Array>();
    const AddressRange range = range_of(view);
    if (busy() || !is_whole_pages(range)) return Napi::Boolean::New(info.Env(), false);
    work_ = std::make_shared<Work>();
    const size_t page_bytes = system_page_bytes();
    for (size_t i = 0; i + 1 < pages.ElementLength(); i += 2) {
      const size_t last = std::min<size_t>(pages[i + 1], range.bytes() / page_bytes);
      for (size_t page = pages[i]; page < last; page += pages_per_piece) {
        const size_t after = std::min(last, page + pages_per_piece);
        work_->pieces.push_back({range.begin + page * page_bytes, range.begin + after * page_bytes});
      }
    }
    // The view keeps its memory alive, so that none is touched that is another's by now.
    view_ = Napi::Persistent(view.As<Napi::Object>());
    return Napi::Boolean::New(info.Env(), start(work_, info[2].As<Napi::Number>().Int32Value()));
  }

  /** (niceness); one more thread does what is left, with another priority. */
  void hurry(const Napi::CallbackInfo& info) {
    if (busy()) start(work_, info[0].As<Napi::Number>().Int32Value());
  }

  Napi::Value is_busy(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), busy()); }

  /** What is left stays as it is. */
  void stop(const Napi::CallbackInfo&) {
    if (work_) work_->is_stopped = true;
  }

  bool busy() {
    if (!work_) return false;
    if (work_->threads > 0) return true;
    work_.reset();
    view_.Reset();
    return false;
  }

  /** The memory is about to go: nobody may be in it any more. */
  void end() {
    if (work_) work_->is_stopped = true;
    while (busy()) sched_yield();
  }

  std::shared_ptr<Work> work_;
  Napi::ObjectReference view_;
};

}  // namespace

void export_touch_ahead(Napi::Env env, Napi::Object exports) {
  exports["Toucher"] = Toucher::define(env);
  exports["resident"] = Napi::Function::New(env, resident, "resident");
}

}  // namespace paritas
