// Real programs, run for real. /bin/sh stands here as a program like any other.
#include <fcntl.h>
#include <signal.h>

#include <string_view>
#include <vector>

#include "integrations/process/descriptor.hpp"
#include "tests/integrations/process_fixtures.hpp"

using namespace tocsin;
using namespace tocsin::process;
using namespace tocsin::process::testing;

TEST_CASE("exit codes and signals are told apart") {
  struct Row {
    std::string_view name;
    std::string script;
    Ending ending;
    int exit_code;
    int signal;
  };
  for (auto const& row :
       {Row{"a good end", "exit 0", Ending::exited, 0, 0}, Row{"a bad end", "exit 3", Ending::exited, 3, 0},
        Row{"the highest code", "exit 255", Ending::exited, 255, 0},
        Row{"a program the script did not find", "no-such-program", Ending::exited, 127, 0},
        Row{"killed", "kill -KILL $$", Ending::signalled, -1, SIGKILL},
        Row{"ended", "kill -TERM $$", Ending::signalled, -1, SIGTERM},
        Row{"crashed", "kill -SEGV $$", Ending::signalled, -1, SIGSEGV}}) {
    CAPTURE(row.name);
    auto const outcome = run_now(shell(row.script));
    CHECK(outcome.ending == row.ending);
    CHECK(outcome.exit_code == row.exit_code);
    CHECK(outcome.signal == row.signal);
    CHECK(outcome.succeeded() == (row.name == "a good end"));
    CHECK(outcome.failure == Error{});
  }
}

TEST_CASE("both outputs arrive in the order they were written, cleaned") {
  auto const outcome = run_now(shell(R"(printf '\033[32mone\033[0m\n'; echo two >&2; echo three; printf 'f\377ur')"));
  CHECK(outcome.output == "one\ntwo\nthree\nf\xEF\xBF\xBDur");
  CHECK(outcome.total_bytes == 13 + 4 + 6 + 4);
  CHECK_FALSE(outcome.truncated);
}

TEST_CASE("output is handed on while the program runs") {
  Folder const folder;
  // The script waits for a file that only the sink makes: it can end only if the sink was called before.
  auto spec = shell("echo first; while [ ! -e seen ]; do sleep 0.01; done; echo second");
  spec.working_directory = folder.path();
  std::string heard;
  auto const outcome = run(spec, {}, [&](std::string_view text) {
    heard += text;
    if (heard == "first\n") folder.write("seen", "", 0600);
  });
  CHECK(outcome.succeeded());
  CHECK(heard == "first\nsecond\n");
  CHECK(outcome.output == heard);
}

TEST_CASE("a sink that throws leaves no process behind") {
  auto const sleep = long_sleep();
  CHECK_THROWS_AS(
      run(shell("echo now; sleep " + sleep), {}, [](std::string_view) { throw std::runtime_error("full"); }),
      std::runtime_error);
  CHECK(eventually([&] { return alive_with(sleep) == 0; }));
}

TEST_CASE("every argument arrives as it was given") {
  std::vector<std::string> const hard{"",
                                      " ",
                                      "two words",
                                      "$(reboot)",
                                      "`reboot`",
                                      "; reboot",
                                      "| cat /etc/passwd",
                                      "&& reboot &",
                                      "> /tmp/x < /dev/null",
                                      "*",
                                      "?[a-z]{a,b}~",
                                      "$HOME ${HOME}",
                                      "'single' \"double\" \\back\\",
                                      "!history #comment",
                                      "line\nbreak\ttab",
                                      "--help",
                                      "-rf",
                                      "备份 ✅",
                                      "%s%n"};
  for (auto const& argument : hard) {
    CAPTURE(argument);
    ProcessSpec spec;
    // printf repeats its format for each argument it gets: one pair of brackets is one argument.
    spec.argv = {"/usr/bin/printf", "[%s]", argument};
    CHECK(run_now(spec).output == "[" + argument + "]");
  }
  ProcessSpec all;
  all.argv = {"printf", "[%s]"};
  all.argv.insert(all.argv.end(), hard.begin(), hard.end());
  std::string expected;
  for (auto const& argument : hard) expected += "[" + argument + "]";
  CHECK(run_now(all).output == expected);
}

TEST_CASE("the environment is exactly what was given") {
  ProcessSpec spec;
  spec.argv = {"env"};
  CHECK(run_now(spec).output.empty());
  spec.environment = {{"B", "2"}, {"A", "one two=three $HOME"}, {"EMPTY", ""}};
  CHECK(run_now(spec).output == "B=2\nA=one two=three $HOME\nEMPTY=\n");
}

TEST_CASE("the program runs in its working directory, in / when none is given") {
  Folder const folder;
  ProcessSpec spec;
  spec.argv = {"pwd", "-P"};
  CHECK(run_now(spec).output == "/\n");
  spec.working_directory = folder.path();
  CHECK(run_now(spec).output == fs::canonical(folder.path()).string() + "\n");
}

TEST_CASE("standard input is /dev/null, or exactly what was given") {
  ProcessSpec spec;
  spec.argv = {"readlink", "/proc/self/fd/0"};
  CHECK(run_now(spec).output == "/dev/null\n");
  spec.argv = {"cat"};
  CHECK(run_now(spec).output.empty());
  spec.standard_input = "select 1;\n备份\n";
  CHECK(run_now(spec).output == spec.standard_input);

  spec.argv = {"wc", "-c"};
  spec.standard_input = std::string(kMaxStandardInputBytes, 'x');
  CHECK(run_now(spec).output == std::to_string(kMaxStandardInputBytes) + "\n");
  spec.argv = {"true"};  // never reads it: nobody is hurt
  CHECK(run_now(spec).succeeded());
  spec.standard_input += 'x';
  CHECK(run_now(spec).failure.code == Errc::too_large);
}

TEST_CASE("the program gets no descriptor but its three") {
  Descriptor const low(::open("/etc/passwd", O_RDONLY));  // without O_CLOEXEC, as a careless library would
  Descriptor const high(::fcntl(low.fd(), F_DUPFD, 900));
  REQUIRE(high);
  ProcessSpec spec;
  spec.argv = {"ls", "/proc/self/fd"};
  CHECK(run_now(spec).output == "0\n1\n2\n3\n");  // 3 is the directory that ls reads
}

TEST_CASE("the three are right even if the bot was started without its own") {
  Descriptor const saved_in(::fcntl(0, F_DUPFD_CLOEXEC, 10));
  Descriptor const saved_out(::fcntl(1, F_DUPFD_CLOEXEC, 10));
  Descriptor const saved_err(::fcntl(2, F_DUPFD_CLOEXEC, 10));
  for (int fd = 0; fd < 3; ++fd) ::close(fd);
  auto spec = shell("cat; echo err >&2");
  spec.standard_input = "in ";
  auto const outcome = run_now(spec);
  ::dup2(saved_in.fd(), 0);
  ::dup2(saved_out.fd(), 1);
  ::dup2(saved_err.fd(), 2);
  CHECK(outcome.output == "in err\n");
}

TEST_CASE("the program starts with no signal blocked, ignored or caught, and writes no core file") {
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  struct sigaction before {};
  ::sigaction(SIGUSR2, &ignore, &before);
  sigset_t blocked;
  sigset_t mask_before;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGUSR1);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &mask_before);
  ProcessSpec spec;
  spec.argv = {"cat", "/proc/self/status", "/proc/self/limits"};
  auto const outcome = run_now(spec);
  sigset_t mask_after;
  ::pthread_sigmask(SIG_SETMASK, &mask_before, &mask_after);
  ::sigaction(SIGUSR2, &before, nullptr);
  CHECK(outcome.output.find("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nSigCgt:\t0000000000000000\n") !=
        std::string::npos);
  CHECK(outcome.output.find("Max core file size        0                    0 ") != std::string::npos);
  CHECK(::sigismember(&mask_after, SIGUSR1) == 1);  // the caller's own mask was put back
}

TEST_CASE("the program leads a session of its own") {
  // Fields 1, 5 and 6 of stat: pid, process group, session.
  auto const outcome =
      run_now(shell("read -r pid _ _ _ group session _ < /proc/$$/stat; echo $((pid == group && pid == session)); "
                    "exec 2>&1; : < /dev/tty"));
  CHECK(outcome.output.find("1\n") == 0);
  CHECK(outcome.exit_code != 0);  // there is no /dev/tty to ask for a password on
}

TEST_CASE("what can't be started is told with its reason") {
  Folder const folder;
  auto const script = folder.write("script", "#!/bin/sh\nexit 0\n", 0644).string();
  auto const orphan = folder.write("orphan", "#!/no/such/interpreter\n", 0755).string();
  auto const noise = folder.write("noise", "exit 0\n", 0755).string();  // a shell would run it
  struct Row {
    std::string_view name;
    std::vector<std::string> argv;
    Errc code;
    std::string_view detail;
  };
  for (auto const& row :
       {Row{"no program", {}, Errc::invalid, "no program given"},
        Row{"an empty name", {""}, Errc::invalid, "no program given"},
        Row{"a missing path", {"/no/such"}, Errc::not_found, "no such program: /no/such"},
        Row{"a missing name", {"tocsin-no-such"}, Errc::not_found, "no such program: tocsin-no-such"},
        Row{"a relative path", {"bin/sh"}, Errc::invalid, "not an absolute path: bin/sh"},
        Row{"a directory", {"/etc"}, Errc::refused, "not a program: /etc"},
        Row{"a device", {"/dev/null"}, Errc::refused, "not a program: /dev/null"},
        Row{"not executable", {script}, Errc::refused, "not executable: "},
        Row{"a missing interpreter", {orphan}, Errc::not_found, "the interpreter of "},
        Row{"not a program", {noise}, Errc::refused, "not a program: "},
        Row{"a NUL byte", {"/bin/echo", std::string("a\0b", 3)}, Errc::invalid, "an argument holds a NUL byte"},
        Row{"arguments beyond what the kernel takes",
            {"/bin/echo", std::string(200'000, 'x')},
            Errc::too_large,
            "too many bytes of arguments"}}) {
    CAPTURE(row.name);
    ProcessSpec spec;
    spec.argv = row.argv;
    auto const outcome = run_now(spec);
    CHECK(outcome.ending == Ending::failed_to_start);
    CHECK(outcome.failure.code == row.code);
    CHECK(outcome.failure.detail.find(row.detail) == 0);
    CHECK(outcome.exit_code == -1);
    CHECK_FALSE(outcome.succeeded());
  }
}

TEST_CASE("a spec that makes no sense is refused") {
  struct Row {
    std::string_view name;
    Errc code;
    void (*spoil)(ProcessSpec&);
  };
  for (auto const& row :
       {Row{"a relative working directory", Errc::invalid, [](ProcessSpec& s) { s.working_directory = "tmp"; }},
        Row{"no working directory", Errc::invalid, [](ProcessSpec& s) { s.working_directory = ""; }},
        Row{"a missing working directory", Errc::not_found, [](ProcessSpec& s) { s.working_directory = "/no/such"; }},
        Row{"a file as working directory", Errc::refused, [](ProcessSpec& s) { s.working_directory = "/etc/passwd"; }},
        Row{"a variable without a name", Errc::invalid,
            [](ProcessSpec& s) {
              s.environment = {{"", "x"}};
            }},
        Row{"a name with =", Errc::invalid,
            [](ProcessSpec& s) {
              s.environment = {{"A=B", "x"}};
            }},
        Row{"a value with NUL", Errc::invalid,
            [](ProcessSpec& s) {
              s.environment = {{"A", std::string(1, '\0')}};
            }},
        Row{"a variable twice", Errc::invalid,
            [](ProcessSpec& s) {
              s.environment = {{"A", "1"}, {"A", "2"}};
            }},
        Row{"no time", Errc::invalid, [](ProcessSpec& s) { s.timeout = 0ms; }},
        Row{"less than no time", Errc::invalid, [](ProcessSpec& s) { s.timeout = -1ms; }},
        Row{"too much time", Errc::invalid, [](ProcessSpec& s) { s.timeout = kMaxTimeout + 1ms; }},
        Row{"no room for output", Errc::invalid, [](ProcessSpec& s) { s.output_limit_bytes = 0; }},
        Row{"too much room", Errc::invalid, [](ProcessSpec& s) { s.output_limit_bytes = kMaxOutputBytes + 1; }},
        Row{"too many arguments", Errc::too_large, [](ProcessSpec& s) { s.argv.resize(kMaxArguments + 1, "x"); }}}) {
    CAPTURE(row.name);
    ProcessSpec spec;
    spec.argv = {"true"};
    CHECK(run_now(spec).succeeded());
    row.spoil(spec);
    auto const outcome = run_now(spec);
    CHECK(outcome.ending == Ending::failed_to_start);
    CHECK(outcome.failure.code == row.code);
    CHECK_FALSE(outcome.failure.detail.empty());
  }
  ProcessSpec most;
  most.argv.assign(kMaxArguments, "x");
  most.argv.front() = "true";
  most.output_limit_bytes = kMaxOutputBytes;
  most.timeout = kMaxTimeout;
  CHECK(run_now(most).succeeded());
}
