// spawn_bench ROUNDS INPUT-A CMD-A... -- INPUT-B CMD-B...
//
// Starts two commands in turn, each reading its input file (- for none), and prints the median wall
// time of each in microseconds and the ratio B/A. Taking turns makes the ratio hold on a machine
// whose clock does not: whatever slows one slows the other. INPUT may hold `%` : the round's
// number, so that each round can have an input of its own.

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

extern char** environ;

namespace {

struct Command {
  std::string input;
  std::vector<char*> argv;
};

double now_us() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

double run(Command& command, int round) {
  std::string input = command.input == "-" ? "/dev/null" : command.input;
  size_t mark = input.find('%');
  if (mark != std::string::npos) input.replace(mark, 1, std::to_string(round));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, input.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  double began = now_us();
  pid_t pid;
  if (posix_spawnp(&pid, command.argv[0], &actions, nullptr, command.argv.data(), environ) != 0) {
    fprintf(stderr, "spawn_bench: cannot run '%s'\n", command.argv[0]);
    exit(2);
  }
  int status;
  waitpid(pid, &status, 0);
  double took = now_us() - began;
  posix_spawn_file_actions_destroy(&actions);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    fprintf(stderr, "spawn_bench: '%s' failed\n", command.argv[0]);
    exit(1);
  }
  return took;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) {
    fprintf(stderr, "usage: spawn_bench ROUNDS INPUT-A CMD-A... -- INPUT-B CMD-B...\n");
    return 2;
  }
  int rounds = atoi(argv[1]);
  std::vector<Command> commands(1);
  for (int i = 2; i < argc; ++i) {
    if (std::string(argv[i]) == "--") {
      commands.emplace_back();
    } else if (commands.back().input.empty()) {
      commands.back().input = argv[i];
    } else {
      commands.back().argv.push_back(argv[i]);
    }
  }
  if (commands.size() != 2) return 2;
  for (auto& command : commands) command.argv.push_back(nullptr);
  std::vector<double> first, second;
  for (int round = 0; round < rounds; ++round) {
    first.push_back(run(commands[0], round));
    second.push_back(run(commands[1], round));
  }
  double a = median(first), b = median(second);
  printf("%.0f %.0f %.3f\n", a, b, b / a);
}
