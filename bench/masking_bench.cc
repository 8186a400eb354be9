// Masking: speed on ordinary text, recall on made-up secrets, false masks on text that holds none.
//
//   masking_bench [-v] [FILE...]
//
// FILE... is ordinary text (sources, logs, lock files); without one, /usr/include is read. -v
// prints what was missed and what was masked in the files. Exits with 1, and prints no figures of
// speed, if the recall is below the targets.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "os/file.h"
#include "secrets/mask.h"
#include "secrets_samples.h"

namespace {

using namespace baton;
using namespace baton::secrets;

constexpr double kTokenTarget = 0.98, kValueTarget = 0.95;

double now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

struct Recall {
  size_t asked = 0, masked = 0;
  double share() const { return static_cast<double>(masked) / static_cast<double>(asked); }
};

// Whether every byte of the secret is masked.
bool is_gone(std::string_view text, std::string_view secret) {
  size_t at = text.find(secret), end = at + secret.size();
  for (const Finding& finding : find(text)) {
    if (finding.offset <= at && at < finding.offset + finding.length)
      at = finding.offset + finding.length;
  }
  return at >= end;
}

Recall token_recall(bool verbose) {
  Recall recall;
  samples::Random random(1);
  for (const auto& form : samples::kTokens) {
    for (std::string_view place : samples::kTokenPlaces) {
      std::string token = samples::fill(form.form, random);
      std::string text = samples::place(place, token);
      recall.asked++;
      if (is_gone(text, token))
        recall.masked++;
      else if (verbose)
        printf("missed %s: %s\n", std::string(form.vendor).c_str(), text.c_str());
    }
  }
  return recall;
}

template <size_t N, size_t M>
void value_recall(const std::string_view (&names)[N], const std::string_view (&places)[M],
                  samples::Random& random, Recall& recall, bool verbose) {
  for (std::string_view name : names) {
    for (std::string_view place : places) {
      for (int n = 0; n < 5; n++) {
        std::string value = samples::value(random, samples::is_password_name(name));
        std::string text = samples::place(place, name, value);
        recall.asked++;
        if (is_gone(text, value))
          recall.masked++;
        else if (verbose)
          printf("missed: %s\n", text.c_str());
      }
    }
  }
}

// The best of some rounds.
double megabytes_per_second(const std::string& text) {
  double best = 1e9;
  for (int round = 0; round < 7; round++) {
    double begin = now();
    (void)find(text);
    best = std::min(best, now() - begin);
  }
  return static_cast<double>(text.size()) / 1e6 / best;
}

}  // namespace

int main(int argc, char** argv) {
  bool verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
  std::string text;
  for (int i = verbose ? 2 : 1; i < argc; i++) {
    auto content = os::read_file(argv[i], size_t{1} << 30);
    if (!content) {
      fprintf(stderr, "%s\n", content.error().message.c_str());
      return 2;
    }
    text += *content;
  }
  Recall tokens = token_recall(verbose);
  Recall values;
  samples::Random random(2);
  value_recall(samples::kSettingNames, samples::kSettingPlaces, random, values, verbose);
  value_recall(samples::kMemberNames, samples::kMemberPlaces, random, values, verbose);
  printf("vendors' tokens masked   %6.2f %%  of %zu\n", 100 * tokens.share(), tokens.asked);
  printf("values of names masked   %6.2f %%  of %zu\n", 100 * values.share(), values.asked);
  if (tokens.share() < kTokenTarget || values.share() < kValueTarget) {
    printf("below the target: no speed is shown\n");
    return 1;
  }
  // Words in which no name or prefix of a secret begins.
  std::string plain;
  while (plain.size() < 16'000'000) plain += samples::fill("{n9} {n6} {n4}\n", random);
  printf("speed, nothing to look at %5.0f   MB/s\n", megabytes_per_second(plain));
  if (text.empty()) return 0;

  auto found = find(text);
  double megabytes = static_cast<double>(text.size()) / 1e6;
  printf("masked in the files      %6.3f   per MB, %zu in %.1f MB\n",
         static_cast<double>(found.size()) / megabytes, found.size(), megabytes);
  if (verbose) {
    for (const Finding& finding : found) {
      size_t begin = finding.offset - std::min<size_t>(finding.offset, 60);
      std::string around =
          text.substr(begin, finding.offset - begin + std::min<size_t>(finding.length, 80) + 10);
      std::replace(around.begin(), around.end(), '\n', '~');
      printf("%-16s %s\n", std::string(finding.rule).c_str(), around.c_str());
    }
  }
  printf("speed, the files         %6.0f   MB/s\n", megabytes_per_second(text));
  std::vector<double> times;
  constexpr size_t kPiece = 32 * 1024;
  for (size_t at = 0; at + kPiece <= text.size() && times.size() < 20000; at += kPiece) {
    std::string_view piece = std::string_view(text).substr(at, kPiece);
    double begin = now();
    (void)find(piece);
    times.push_back(now() - begin);
  }
  if (!times.empty()) {
    std::sort(times.begin(), times.end());
    printf("32 KiB                   %6.1f   us median, %.1f us at 99 %%\n",
           times[times.size() / 2] * 1e6, times[times.size() * 99 / 100] * 1e6);
  }
  return 0;
}
