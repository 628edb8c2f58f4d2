// userfaultfd and PAGEMAP_SCAN as this addon uses them. Nothing here throws: a call that fails leaves an errno value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace paritas {

/** A file descriptor that is closed with its owner. */
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int value) : value_(value) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  FileDescriptor(FileDescriptor&& other) noexcept : value_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor() { reset(); }

  bool is_open() const { return value_ >= 0; }
  int get() const { return value_; }
  void reset();
  /** The descriptor, which nobody closes from now on. */
  int release();

 private:
  int value_ = -1;
};

/** Whole pages of this process, from `begin` to before `end`. */
struct AddressRange {
  uintptr_t begin = 0;
  uintptr_t end = 0;

  size_t bytes() const { return end - begin; }
  bool contains(uintptr_t address) const { return address >= begin && address < end; }
};

size_t system_page_bytes();

enum class FaultMode {
  /** The kernel itself opens a page at its first write; PAGEMAP_SCAN finds the opened ones. */
  kAsynchronous,
  /** The first write to a page raises SIGBUS in the thread that writes. */
  kSignal,
};

/** One userfaultfd with one registered range. */
class WriteProtection {
 public:
  /** What failed, with errno's words; empty if nothing did. */
  std::string open(FaultMode mode);
  std::string watch(AddressRange range);
  /** Write-protects the range, or opens it again. Async-signal-safe. Returns 0 or an errno value. */
  int protect(AddressRange range, bool is_protected) const;
  /** Lets go of the range; its pages are open afterwards. */
  void close() { descriptor_.reset(); }

 private:
  FileDescriptor descriptor_;
};

/** Pages by number, from `first` to before `end`. */
struct PageRange {
  uint32_t first;
  uint32_t end;
};

/** Finds the pages of a range that were written since they were last protected. */
class PageMap {
 public:
  std::string open();
  /**
   * Appends the written pages, numbered from the beginning of `range`, ascending. With `protects`, each is
   * write-protected again in the same instant in which it is found. Returns 0 or an errno value.
   */
  int scan(AddressRange range, bool protects, std::vector<PageRange>& written) const;

 private:
  FileDescriptor descriptor_;
};

}  // namespace paritas
