// Goal: a text masked in pieces is what it would be masked as one, wherever it is cut.

#include "secrets/stream.h"

#include <gtest/gtest.h>

#include "random_seeds.h"
#include "secrets/mask.h"
#include "secrets_samples.h"

namespace baton::secrets {
namespace {

using samples::Random;

std::string streamed(std::string_view text, Random& random, size_t max_piece) {
  StreamMasker masker;
  std::string out;
  while (!text.empty()) {
    size_t size = std::min(text.size(), random.between(1, max_piece));
    out += masker.feed(text.substr(0, size));
    text.remove_prefix(size);
  }
  return out + masker.finish();
}

TEST(StreamMasker, EqualsMaskingTheWhole) {
  for (uint64_t seed : baton::testing::seeds(300)) {
    Random random(seed);
    std::string text;
    for (size_t lines = random.between(1, 40); lines > 0; lines--) {
      switch (random.below(6)) {
        case 0:
          text += "x " + samples::fill(random.pick(samples::kTokens).form, random) + " y\n";
          break;
        case 1:
          text += samples::place(random.pick(samples::kMemberPlaces),
                                 random.pick(samples::kMemberNames), samples::value(random, true));
          break;
        case 2:
          text += "\n" + samples::private_key(random, "RSA", "\n");
          break;
        case 3:
          text += "- name: DB_PASSWORD\n  value: \"hunter2x9\"\n";
          break;
        default:
          text += "int main() { return 0; }  // " + samples::fill("{h40}", random) + "\n";
          break;
      }
    }
    std::string whole = mask(text).value_or(text);
    EXPECT_EQ(streamed(text, random, 7), whole) << "seed " << seed;
    EXPECT_EQ(streamed(text, random, 300), whole) << "seed " << seed;
  }
}

TEST(StreamMasker, GivesOutWholeLinesAtOnce) {
  StreamMasker masker;
  EXPECT_EQ(masker.feed("one\ntwo\nthr"), "one\ntwo\n");
  EXPECT_EQ(masker.feed("ee\n"), "three\n");
  EXPECT_EQ(masker.finish(), "");
}

TEST(StreamMasker, HoldsNoMoreThanItSays) {
  Random random(5);
  StreamMasker masker;
  size_t in = 0, out = 0;
  for (int n = 0; n < 200; n++) {  // a line without an end
    std::string piece = samples::fill("{b999} ", random);
    in += piece.size();
    out += masker.feed(piece).size();
    EXPECT_LT(in - out, StreamMasker::kMaxHeld + 2000);
  }
  out += masker.finish().size();
  EXPECT_EQ(in, out);

  StreamMasker lines;  // base64 that is no key
  in = out = 0;
  for (int n = 0; n < 4000; n++) {
    std::string piece = samples::fill("{b76}\n", random);
    in += piece.size();
    out += lines.feed(piece).size();
    EXPECT_LT(in - out, StreamMasker::kMaxHeld + 2000);
  }
  EXPECT_EQ(out + lines.finish().size(), in);
}

TEST(StreamMasker, ASecretTooLongToHold) {
  Random random(6);
  StreamMasker masker;
  std::string out = masker.feed("API_KEY=");
  for (int n = 0; n < 300; n++) out += masker.feed(samples::fill("{A1000}", random));
  out += masker.feed(" end\n");
  out += masker.finish();
  EXPECT_EQ(out, "API_KEY=[masked:api-key] end\n");
}

}  // namespace
}  // namespace baton::secrets
