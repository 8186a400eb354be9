# The .deb of `make package`: the binary, its completions (made by the binary, so they know what it
# knows) and its licence.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME baton)
set(CPACK_PACKAGE_CONTACT "baton maintainers")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "git (>= 1:2.30)")
set(CPACK_DEBIAN_PACKAGE_SECTION vcs)
set(CPACK_STRIP_FILES ON)

if(TARGET baton)
  install(CODE [[
    foreach(pair "bash;bash-completion/completions/baton" "zsh;zsh/vendor-completions/_baton"
                 "fish;fish/vendor_completions.d/baton.fish")
      list(GET pair 0 shell)
      list(GET pair 1 file)
      set(file "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/share/${file}")
      get_filename_component(folder "${file}" DIRECTORY)
      file(MAKE_DIRECTORY "${folder}")
      execute_process(COMMAND "$<TARGET_FILE:baton>" completion ${shell} OUTPUT_FILE "${file}"
                      COMMAND_ERROR_IS_FATAL ANY)
    endforeach()]])
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION share/doc/baton RENAME copyright)
endif()
include(CPack)
