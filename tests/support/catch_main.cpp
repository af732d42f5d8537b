#if __has_include(<catch2/catch_session.hpp>)
#include <catch2/catch_session.hpp>
int main(int argc, char* argv[]) { return Catch::Session().run(argc, argv); }
#else
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif

#ifdef __SANITIZE_THREAD__
extern "C" const char* __tsan_default_options() {
  return "suppressions=" ENGINE_SOURCE_DIR "/tests/tsan.supp";
}
#endif
