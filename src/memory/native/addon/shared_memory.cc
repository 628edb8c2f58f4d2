// Memory that several processes map: one makes it, without a name in any file system, and others open it by the number
// that it has among the descriptors of its maker. It ends with the last process that maps it.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "addon.h"
#include "userfaultfd.h"
#include "view_range.h"

namespace paritas {
namespace {

/** Nobody can make the memory shorter any more: whoever maps it may rely on its pages. */
constexpr int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

std::string failure(const char* what) { return std::string(what) + " fails: " + std::strerror(errno); }

/**
 * The mapping as an ArrayBuffer that unmaps it when it is collected; undefined, with an error thrown, if it fails. The
 * engine must not count its bytes: collecting garbage would free none of them, and counting them makes it collect.
 */
Napi::Value mapped(Napi::Env env, int descriptor, size_t bytes, int protection) {
  void* begin = mmap(nullptr, bytes, protection, MAP_SHARED, descriptor, 0);
  if (begin == MAP_FAILED) {
    throw_error(env, failure("mmap"));
    return env.Undefined();
  }
  const auto counted = static_cast<int64_t>(bytes);
  auto buffer = Napi::ArrayBuffer::New(env, begin, bytes, [bytes, counted](Napi::Env at_end, void* data) {
    munmap(data, bytes);
    Napi::MemoryManagement::AdjustExternalMemory(at_end, counted);
  });
  Napi::MemoryManagement::AdjustExternalMemory(env, -counted);
  return buffer;
}

/** (bytes); returns the descriptor and the memory. */
Napi::Value create(const Napi::CallbackInfo& info) {
  const size_t bytes = info[0].As<Napi::Number>().Uint32Value();
  FileDescriptor descriptor(memfd_create("paritas", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  std::string problem = descriptor.is_open() ? "" : failure("memfd_create");
  if (problem.empty() && ftruncate(descriptor.get(), static_cast<off_t>(bytes)) != 0) problem = failure("ftruncate");
  if (problem.empty() && fcntl(descriptor.get(), F_ADD_SEALS, seals) != 0) problem = failure("sealing");
  if (!problem.empty()) {
    throw_error(info.Env(), problem);
    return info.Env().Undefined();
  }
  const auto buffer = mapped(info.Env(), descriptor.get(), bytes, PROT_READ | PROT_WRITE);
  if (buffer.IsUndefined()) return buffer;
  auto made = Napi::Object::New(info.Env());
  made["buffer"] = buffer;
  made["descriptor"] = Napi::Number::New(info.Env(), descriptor.release());
  return made;
}

/**
 * (descriptor, offset, bytes); takes the pages there from the system: where there are none left, that is an error here, and
 * not a signal later.
 */
void allocate(const Napi::CallbackInfo& info) {
  const auto number = [&](size_t i) { return info[i].As<Napi::Number>().Uint32Value(); };
  int result = 0;
  do result = fallocate(static_cast<int>(number(0)), 0, static_cast<off_t>(number(1)), static_cast<off_t>(number(2)));
  while (result != 0 && errno == EINTR);
  if (result != 0) throw_error(info.Env(), failure("fallocate"));
}

/** (pid, descriptor, bytes); returns the memory of another process, to be read only. */
Napi::Value open_other(const Napi::CallbackInfo& info) {
  const auto number = [&](size_t i) { return info[i].As<Napi::Number>().Uint32Value(); };
  const size_t bytes = number(2);
  const std::string path = "/proc/" + std::to_string(number(0)) + "/fd/" + std::to_string(number(1));
  const FileDescriptor descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status = {};
  std::string problem = descriptor.is_open() ? "" : failure("opening it");
  if (problem.empty() && fstat(descriptor.get(), &status) != 0) problem = failure("fstat");
  const int sealed = problem.empty() ? fcntl(descriptor.get(), F_GET_SEALS) : 0;
  const bool is_shared = sealed > 0 && (sealed & seals) == seals && static_cast<size_t>(status.st_size) == bytes;
  if (problem.empty() && (!is_shared || bytes == 0)) problem = "it is no shared memory of this size";
  if (!problem.empty()) {
    throw_error(info.Env(), problem);
    return info.Env().Undefined();
  }
  return mapped(info.Env(), descriptor.get(), bytes, PROT_READ);
}

/** (descriptor); nobody can open the memory any more, and those who have it keep it. */
void close_descriptor(const Napi::CallbackInfo& info) { close(info[0].As<Napi::Number>().Int32Value()); }

}  // namespace

void export_shared_memory(Napi::Env env, Napi::Object exports) {
  auto sharing = Napi::Object::New(env);
  sharing["create"] = Napi::Function::New(env, create, "create");
  sharing["allocate"] = Napi::Function::New(env, allocate, "allocate");
  sharing["open"] = Napi::Function::New(env, open_other, "open");
  sharing["close"] = Napi::Function::New(env, close_descriptor, "close");
  exports["sharing"] = sharing;
}

}  // namespace paritas
