// toml++'s own code, compiled like ours, in place of Debian's library: so that the fuzzer sees its
// branches, and the sanitizers its mistakes.
#define TOML_IMPLEMENTATION
#include <toml++/toml.h>
