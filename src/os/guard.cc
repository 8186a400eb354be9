#include "os/guard.h"

#include <sys/time.h>
#include <unistd.h>

#include <csignal>
#include <initializer_list>
#include <new>

namespace baton::os {
namespace {

void leave(int) {
  ::_exit(0);
}

void leave_without_memory() {
  ::_exit(0);
}

}  // namespace

void end_quietly_after(int64_t micros) {
  for (int number : {SIGALRM, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGPIPE, SIGXFSZ, SIGHUP,
                     SIGTERM, SIGINT}) {
    ::signal(number, leave);
  }
  std::set_new_handler(leave_without_memory);
  itimerval timer{{0, 0}, {micros / 1'000'000, micros % 1'000'000}};
  ::setitimer(ITIMER_REAL, &timer, nullptr);
}

}  // namespace baton::os
