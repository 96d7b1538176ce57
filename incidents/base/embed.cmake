# embed(TARGET NAME FOLDER PATTERN...): puts the files of FOLDER that match into TARGET, found at run time through
# `tocsin::embedded::NAME()` (declared in incidents/base/embedded.hpp). The assembler's .incbin does the copying.
# FOLDER is one of the sources', or of the build's; a file that is yet to be built is named as it stands.
function(embed target name folder)
  cmake_path(ABSOLUTE_PATH folder BASE_DIRECTORY ${CMAKE_SOURCE_DIR})
  set(files)
  foreach(pattern ${ARGN})
    file(GLOB found CONFIGURE_DEPENDS RELATIVE ${folder} ${folder}/${pattern})
    if(NOT found AND NOT pattern MATCHES "[*]")
      set(found ${pattern})
    endif()
    list(APPEND files ${found})
  endforeach()
  list(SORT files)
  set(symbols "")
  set(rows "")
  set(paths "")
  set(number 0)
  foreach(file ${files})
    set(path ${folder}/${file})
    if(IS_DIRECTORY ${path})
      continue()
    endif()
    set(symbol embedded_${name}_${number})
    string(APPEND symbols "asm(\".section .rodata\\n${symbol}:\\n.incbin \\\"${path}\\\"\\n\"\n"
      "    \"${symbol}_end:\\n.byte 0\\n.previous\\n\");\n"
      "extern \"C\" { extern char const ${symbol}[]; extern char const ${symbol}_end[]; }\n")
    string(APPEND rows "      {\"${file}\", {${symbol}, static_cast<std::size_t>(${symbol}_end - ${symbol})}},\n")
    list(APPEND paths ${path})
    math(EXPR number "${number} + 1")
  endforeach()
  set(output ${CMAKE_BINARY_DIR}/embedded/${name}.cpp)
  file(CONFIGURE OUTPUT ${output} CONTENT
"#include \"incidents/base/embedded.hpp\"\n
${symbols}
namespace tocsin::embedded {
std::vector<File> const& ${name}() {
  static std::vector<File> const files{
${rows}  };
  return files;
}
}  // namespace tocsin::embedded
")
  set_source_files_properties(${output} PROPERTIES OBJECT_DEPENDS "${paths}")
  # Without ccache: it can't see what .incbin reads, and would give back an object with the files of another day.
  add_library(embedded_${name} OBJECT ${output})
  target_include_directories(embedded_${name} PRIVATE ${CMAKE_SOURCE_DIR})
  set_target_properties(embedded_${name} PROPERTIES CXX_COMPILER_LAUNCHER "")
  target_sources(${target} PRIVATE $<TARGET_OBJECTS:embedded_${name}>)
endfunction()
