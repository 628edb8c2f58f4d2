// A thread that beats: it sends the same bytes again and again on a socket of its own, for as long as the main thread comes
// to its event loop, and tells when nothing comes back any more. A JavaScript thread that does the same takes a hundred times
// as much of the processor.
#include <semaphore.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "addon.h"
#include "quiet_thread.h"
#include "userfaultfd.h"

namespace paritas {
namespace {

constexpr int64_t nanoseconds = 1'000'000'000;

struct Heart {
  FileDescriptor socket;
  int64_t interval_ns;
  /** Processor time after which a main thread that does not come to its event loop counts as hung. */
  int64_t hang_ns;
  /** So long without an echo is told. */
  int64_t silence_ns;
  clockid_t main_clock;
  std::vector<uint8_t> opening;
  std::vector<uint8_t> beat;
  /** Called in the main thread with whether echoes come. */
  Napi::ThreadSafeFunction listener;
  sem_t begun;
  /** What `thread` is set by. */
  sem_t there;
  long thread = 0;
};

/** How often the main thread has come to its event loop: of the process, so that it is never gone while a thread looks. */
std::atomic<uint32_t> turns{0};
uv_prepare_t turning;
bool beats = false;

void count_turn(uv_prepare_t*) { turns.fetch_add(1, std::memory_order_relaxed); }

int64_t time_of(clockid_t clock) {
  timespec now = {};
  clock_gettime(clock, &now);
  return now.tv_sec * nanoseconds + now.tv_nsec;
}

/** Whether all of it was sent. */
bool send_all(int socket, const std::vector<uint8_t>& bytes) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) sent += static_cast<size_t>(count);
  }
  return true;
}

/** See MainWatch in src/machine/processor/main-watch.ts. */
class HangWatch {
 public:
  explicit HangWatch(const Heart& heart) : heart_(heart) {}

  bool is_hung() {
    const int64_t used_ns = time_of(heart_.main_clock);
    const uint32_t seen = turns.load(std::memory_order_relaxed);
    if (seen == turn_) return used_ns - turn_ns_ > heart_.hang_ns;
    turn_ = seen;
    turn_ns_ = used_ns;
    return false;
  }

 private:
  const Heart& heart_;
  uint32_t turn_ = ~0U;
  int64_t turn_ns_ = 0;
};

/** See EchoWatch in src/machine/processor/echo-watch.ts. */
class EchoWatch {
 public:
  explicit EchoWatch(const Heart& heart) : heart_(heart) {}

  void look() {
    const int64_t now_ns = time_of(CLOCK_MONOTONIC);
    const bool was_away = now_ns - looked_ns_ > heart_.silence_ns / 2;
    looked_ns_ = now_ns;
    if (comes_any() || was_away) heard_ns_ = now_ns;
    const bool is_heard = now_ns - heard_ns_ <= heart_.silence_ns;
    if (is_heard == is_told_heard_) return;
    is_told_heard_ = is_heard;
    heart_.listener.NonBlockingCall([is_heard](Napi::Env env, Napi::Function told) {
      told.Call({Napi::Boolean::New(env, is_heard)});
    });
  }

 private:
  /** What comes is only echoes: none of it is looked at. Fewer bytes than there is room for are the last. */
  bool comes_any() {
    uint8_t echoes[256];
    constexpr ssize_t room = sizeof echoes;
    bool is_any = false;
    for (ssize_t count = room; count == room; is_any = is_any || count > 0) {
      count = recv(heart_.socket.get(), echoes, room, MSG_DONTWAIT);
    }
    return is_any;
  }

  const Heart& heart_;
  int64_t looked_ns_ = 0;
  int64_t heard_ns_ = 0;
  bool is_told_heard_ = true;
};

void* beat_on(void* given) {
  auto* heart = static_cast<Heart*>(given);
  heart->thread = syscall(SYS_gettid);
  sem_post(&heart->there);
  while (sem_wait(&heart->begun) != 0) continue;
  HangWatch main_thread(*heart);
  EchoWatch echoes(*heart);
  const timespec interval = {heart->interval_ns / nanoseconds, heart->interval_ns % nanoseconds};
  bool is_heard = send_all(heart->socket.get(), heart->opening);
  while (is_heard) {
    if (!main_thread.is_hung()) is_heard = send_all(heart->socket.get(), heart->beat);
    nanosleep(&interval, nullptr);
    echoes.look();
  }
  // The launcher is gone, which the main thread sees by itself.
  heart->socket.reset();
  return nullptr;
}

FileDescriptor connected(const std::string& path) {
  FileDescriptor made(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return FileDescriptor();
  std::memcpy(address.sun_path, path.data(), path.size());
  int result = 0;
  do result = connect(made.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  while (result != 0 && errno == EINTR);
  return result == 0 ? std::move(made) : FileDescriptor();
}

bool count_turns(Napi::Env env) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok || uv_prepare_init(loop, &turning) != 0) return false;
  uv_prepare_start(&turning, count_turn);
  uv_unref(reinterpret_cast<uv_handle_t*>(&turning));
  return true;
}

std::vector<uint8_t> bytes_of(const Napi::Value& value) {
  const auto view = value.As<Napi::Uint8Array>();
  return {view.Data(), view.Data() + view.ByteLength()};
}

/** (bytes to begin with, bytes of a beat, what to call with whether echoes come, whenever that changes) */
void begin(const Napi::CallbackInfo& info) {
  auto* heart = static_cast<Heart*>(info.Data());
  heart->opening = bytes_of(info[0]);
  heart->beat = bytes_of(info[1]);
  heart->listener = Napi::ThreadSafeFunction::New(info.Env(), info[2].As<Napi::Function>(), "echoes", 0, 1);
  heart->listener.Unref(info.Env());
  sem_post(&heart->begun);
}

/** (path of a socket, interval in ms, processor time in ms after which the main thread hangs, silence in ms that is told) */
Napi::Value make_heart(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto ns = [&](size_t i) { return static_cast<int64_t>(info[i].As<Napi::Number>().DoubleValue() * 1e6); };
  FileDescriptor socket = connected(info[0].As<Napi::String>().Utf8Value());
  if (beats || !socket.is_open()) return env.Null();
  // Never freed: its thread may need it as long as there is a process.
  auto* heart = new Heart{std::move(socket), ns(1), ns(2), ns(3), {}, {}, {}, {}, {}, {}};
  sem_init(&heart->begun, 0, 0);
  sem_init(&heart->there, 0, 0);
  const bool is_timed = pthread_getcpuclockid(pthread_self(), &heart->main_clock) == 0;
  if (!is_timed || !begin_quiet_thread(beat_on, heart)) {
    delete heart;
    return env.Null();
  }
  while (sem_wait(&heart->there) != 0) continue;
  beats = true;
  if (!count_turns(env)) heart->hang_ns = INT64_MAX;
  auto made = Napi::Object::New(env);
  made["thread"] = Napi::Number::New(env, static_cast<double>(heart->thread));
  made["begin"] = Napi::Function::New(env, begin, "begin", heart);
  return made;
}

}  // namespace

void export_heartbeat(Napi::Env env, Napi::Object exports) {
  exports["makeHeart"] = Napi::Function::New(env, make_heart, "makeHeart");
}

}  // namespace paritas
