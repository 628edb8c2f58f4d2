// The copy-on-write of a guarded range, done in the signal handler of the thread that writes.
#pragma once

#include <atomic>
#include <cstdint>

#include "userfaultfd.h"

namespace paritas {

/** What a slot says about the old content of its page. Above these: the number of its frame, plus kSlotFirstFrame. */
enum : uint32_t { kSlotNone = 0, kSlotClaimed = 1, kSlotZeros = 2, kSlotFirstFrame = 3 };

/** Old contents of pages. The tables are 32-bit words that JavaScript reads and writes too. */
struct CopyBuffer {
  /** One for each page. */
  std::atomic<uint32_t>* slots;
  /** How many pages have a slot, how many frames are used, then the numbers of the pages, in the order of their faults. */
  std::atomic<uint32_t>* list;
  /** One for each page, so that no page is ever without. */
  uint8_t* frames;
};

/** A guarded range of pages. It has to be registered before its pages are protected. */
struct GuardedRange {
  AddressRange range;
  WriteProtection protection;
  CopyBuffer buffers[2] = {};
  /** Index of the buffer that the handler copies to. */
  std::atomic<uint32_t> primary{0};
  /** 1 while writers have to wait; a futex. */
  std::atomic<uint32_t> paused{0};
  /** The thread that paused the writers. */
  std::atomic<int> paused_by{0};
  /** Handlers that work in this range just now. */
  std::atomic<uint32_t> working{0};
  /** Writers that came while they had to wait, since the last pause began. */
  std::atomic<uint32_t> waited{0};
};

/** Makes the handler know the range, and installs the handler with the first. What failed, or nothing. */
std::string register_guard(GuardedRange* guard);
/** When this returns, no handler uses the range any more. */
void unregister_guard(GuardedRange* guard);

/** Lets no writer pass, and waits for those that are at it. */
void pause_writers(GuardedRange* guard);
void resume_writers(GuardedRange* guard);

}  // namespace paritas
