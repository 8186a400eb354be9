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
  set(completions ${CMAKE_BINARY_DIR}/completions)
  add_custom_command(
    OUTPUT ${completions}/bash ${completions}/zsh ${completions}/fish
    COMMAND ${CMAKE_COMMAND} -E make_directory ${completions}
    COMMAND baton completion bash > ${completions}/bash
    COMMAND baton completion zsh > ${completions}/zsh
    COMMAND baton completion fish > ${completions}/fish
    DEPENDS baton)
  add_custom_target(completions ALL DEPENDS ${completions}/bash ${completions}/zsh
                                            ${completions}/fish)
  install(FILES ${completions}/bash DESTINATION share/bash-completion/completions RENAME baton)
  install(FILES ${completions}/zsh DESTINATION share/zsh/vendor-completions RENAME _baton)
  install(FILES ${completions}/fish DESTINATION share/fish/vendor_completions.d RENAME baton.fish)
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION share/doc/baton RENAME copyright)
endif()
include(CPack)
