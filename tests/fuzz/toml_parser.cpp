// toml++'s own code, compiled like ours, in place of Debian's library: so that the fuzzer sees its
// branches, and the sanitizers its mistakes.
#define TOML_IMPLEMENTATION
// Debian's is compiled without its assertions, of which some do not hold for bad input; it then
// comes to the error message by another way.
#define TOML_ASSERT(expression) static_cast<void>(0)
#include <toml++/toml.h>
