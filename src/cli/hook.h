#pragma once

// `baton hook AGENT [EVENT]`: what agents start. Always ends with 0 and prints nothing but an
// injection.

namespace baton::cli {

int run_hook(int argc, char** argv);

}  // namespace baton::cli
