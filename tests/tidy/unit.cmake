# The systemd unit that is shipped: no unknown key, and few rights. Usage: cmake -DBINARY=FILE -P tests/tidy/unit.cmake
find_program(systemd_analyze systemd-analyze)
if(NOT systemd_analyze)
  message("skipped: there is no systemd-analyze")
  return()
endif()
file(READ bot/tocsin.service unit)
# What it starts must be there to be checked.
string(REPLACE "/usr/local/bin/tocsin" "${BINARY}" unit "${unit}")
set(folder ${CMAKE_CURRENT_BINARY_DIR}/build/unit.tmp)
file(WRITE ${folder}/tocsin.service "${unit}")
execute_process(COMMAND ${systemd_analyze} verify ${folder}/tocsin.service OUTPUT_VARIABLE said ERROR_VARIABLE said
  RESULT_VARIABLE code)
# Of the machine's own units it may complain too; ours is named in the line.
string(REGEX MATCHALL "[^\n]*tocsin[^\n]*" ours "${said}")
if(NOT code EQUAL 0 OR ours)
  message(FATAL_ERROR "bot/tocsin.service: ${code} ${said}")
endif()
# 0.0 is no rights at all, 10.0 all of them.
execute_process(COMMAND ${systemd_analyze} security --offline=true --threshold=20 ${folder}/tocsin.service
  OUTPUT_VARIABLE said ERROR_VARIABLE said RESULT_VARIABLE code)
file(REMOVE_RECURSE ${folder})
if(NOT code EQUAL 0)
  message(FATAL_ERROR "bot/tocsin.service: more rights than it needs: ${said}")
endif()
