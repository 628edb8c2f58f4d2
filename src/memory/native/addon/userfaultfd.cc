#include "userfaultfd.h"

#include <fcntl.h>
#include <linux/ioctl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

// Older headers, Debian 12's among them, lack these. The values are those of linux/userfaultfd.h and linux/fs.h.
#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif
#ifndef UFFD_FEATURE_WP_UNPOPULATED
#define UFFD_FEATURE_WP_UNPOPULATED (1 << 13)
#endif
#ifndef UFFD_FEATURE_WP_ASYNC
#define UFFD_FEATURE_WP_ASYNC (1 << 15)
#endif
#ifndef PAGEMAP_SCAN
struct page_region {
  __u64 start;
  __u64 end;
  __u64 categories;
};
struct pm_scan_arg {
  __u64 size;
  __u64 flags;
  __u64 start;
  __u64 end;
  __u64 walk_end;
  __u64 vec;
  __u64 vec_len;
  __u64 max_pages;
  __u64 category_inverted;
  __u64 category_mask;
  __u64 category_anyof_mask;
  __u64 return_mask;
};
#define PAGEMAP_SCAN _IOWR('f', 16, struct pm_scan_arg)
#define PAGE_IS_WRITTEN (1 << 1)
#define PM_SCAN_WP_MATCHING (1 << 0)
#define PM_SCAN_CHECK_WPASYNC (1 << 1)
#endif

namespace paritas {

static std::string failure(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    reset();
    value_ = other.release();
  }
  return *this;
}

void FileDescriptor::reset() {
  if (value_ >= 0) ::close(value_);
  value_ = -1;
}

int FileDescriptor::release() {
  const int value = value_;
  value_ = -1;
  return value;
}

size_t system_page_bytes() {
  static const size_t bytes = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  return bytes;
}

std::string WriteProtection::open(FaultMode mode) {
  // Without privileges only faults of user mode may be handled, which is all that is wanted: a kernel that resolves
  // its own faults asynchronously needs no handler, and one that signals answers system calls with EFAULT.
  descriptor_ = FileDescriptor(static_cast<int>(::syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY)));
  if (!descriptor_.is_open()) return failure("userfaultfd is refused");
  struct uffdio_api api = {};
  api.api = UFFD_API;
  api.features = UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_WP_UNPOPULATED;
  api.features |= mode == FaultMode::kAsynchronous ? UFFD_FEATURE_WP_ASYNC : UFFD_FEATURE_SIGBUS;
  if (::ioctl(descriptor_.get(), UFFDIO_API, &api) == 0) return "";
  const char* feature = mode == FaultMode::kAsynchronous ? "WP_ASYNC" : "SIGBUS with WP_UNPOPULATED";
  return failure((std::string("userfaultfd has no ") + feature).c_str());
}

std::string WriteProtection::watch(AddressRange range) {
  // A huge page would be split or reported as a whole at its first write. Kernels without huge pages refuse the advice.
  ::madvise(reinterpret_cast<void*>(range.begin), range.bytes(), MADV_NOHUGEPAGE);
  struct uffdio_register registration = {};
  registration.range = {range.begin, range.bytes()};
  registration.mode = UFFDIO_REGISTER_MODE_WP;
  return ::ioctl(descriptor_.get(), UFFDIO_REGISTER, &registration) == 0 ? "" : failure("cannot watch this memory");
}

int WriteProtection::protect(AddressRange range, bool is_protected) const {
  struct uffdio_writeprotect change = {};
  change.range = {range.begin, range.bytes()};
  change.mode = is_protected ? UFFDIO_WRITEPROTECT_MODE_WP : 0;
  int result;
  // EAGAIN: the address space is being changed just now, by a fork for instance.
  do result = ::ioctl(descriptor_.get(), UFFDIO_WRITEPROTECT, &change);
  while (result != 0 && (errno == EAGAIN || errno == EINTR));
  return result == 0 ? 0 : errno;
}

std::string PageMap::open() {
  descriptor_ = FileDescriptor(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
  return descriptor_.is_open() ? "" : failure("/proc/self/pagemap cannot be opened");
}

int PageMap::scan(AddressRange range, bool protects, std::vector<PageRange>& written) const {
  std::array<struct page_region, 512> regions;
  struct pm_scan_arg scan = {};
  scan.size = sizeof scan;
  scan.flags = PM_SCAN_CHECK_WPASYNC | (protects ? PM_SCAN_WP_MATCHING : 0);
  scan.start = range.begin;
  scan.end = range.end;
  scan.vec = reinterpret_cast<uintptr_t>(regions.data());
  scan.vec_len = regions.size();
  scan.category_mask = PAGE_IS_WRITTEN;
  scan.return_mask = PAGE_IS_WRITTEN;
  const size_t page_bytes = system_page_bytes();
  while (scan.start < scan.end) {
    const int count = ::ioctl(descriptor_.get(), PAGEMAP_SCAN, &scan);
    if (count < 0) {
      if (errno == EINTR || errno == EAGAIN) continue;
      return errno;
    }
    for (int i = 0; i < count; ++i) {
      written.push_back({static_cast<uint32_t>((regions[i].start - range.begin) / page_bytes),
                         static_cast<uint32_t>((regions[i].end - range.begin) / page_bytes)});
    }
    scan.start = scan.walk_end;
  }
  return 0;
}

}  // namespace paritas
