# Nothing is thrown, so the tables that tell how to unwind would be half a megabyte for nobody.
set(BATON_CODE_OPTIONS -fno-exceptions -fno-rtti
    $<$<CONFIG:Release>:-fno-unwind-tables> $<$<CONFIG:Release>:-fno-asynchronous-unwind-tables>)

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
