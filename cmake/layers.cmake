# Nothing is thrown, so the tables that tell how to unwind would be half a megabyte for nobody.
set(BATON_CODE_OPTIONS -fno-exceptions -fno-rtti
    $<$<CONFIG:Release>:-fno-unwind-tables> $<$<CONFIG:Release>:-fno-asynchronous-unwind-tables>)

# The standard's headers that most files include; tests read GoogleTest beside them.
set(BATON_PCH_HEADERS <algorithm> <array> <cstdint> <expected> <functional> <map> <memory> <optional> <set> <span>
    <string> <string_view> <unordered_map> <utility> <vector>)
# They are read once for all targets of a kind, by the first of them.
function(baton_precompile kind target)
  if(NOT BATON_PCH)
    return()
  endif()
  get_property(first GLOBAL PROPERTY baton_pch_${kind})
  if(first)
    target_precompile_headers(${target} REUSE_FROM ${first})
  else()
    target_precompile_headers(${target} PRIVATE ${BATON_PCH_HEADERS} ${ARGN})
    # ccache takes what was made of a precompiled header only if it holds no time.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>)
    set_property(GLOBAL PROPERTY baton_pch_${kind} ${target})
  endif()
endfunction()

# A folder of src/ is a layer and a static library. It may use only the layers named here, so an
# include that points upwards does not link: the graph is the architecture (docs/architecture.md).
function(baton_layer name)
  cmake_parse_arguments(LAYER "" "" "USES;LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  if(NOT sources)
    return()
  endif()
  foreach(layer ${LAYER_USES})
    if(NOT TARGET baton_${layer})
      message(STATUS "layer ${name} waits for ${layer}")
      return()
    endif()
  endforeach()
  add_library(baton_${name} STATIC ${sources})
  target_include_directories(baton_${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_compile_options(baton_${name} PRIVATE ${BATON_CODE_OPTIONS})
  baton_precompile(layer baton_${name})
  foreach(layer ${LAYER_USES})
    target_link_libraries(baton_${name} PUBLIC baton_${layer})
  endforeach()
  target_link_libraries(baton_${name} PUBLIC ${LAYER_LIBS})
endfunction()

# A Debian library, static when the binary is.
function(baton_find_library target)
  if(BATON_STATIC)
    list(TRANSFORM ARGN REPLACE "(.+)" "lib\\1.a" OUTPUT_VARIABLE names)
  else()
    set(names ${ARGN})
  endif()
  find_library(${target}_path NAMES ${names} REQUIRED)
  add_library(${target} INTERFACE)
  target_link_libraries(${target} INTERFACE ${${target}_path})
endfunction()
