# What `cmake --install` puts where. The engine finds its scripts at ../share/engine/scripts, seen
# from the folder it lies in.
include(GNUInstallDirs)

if(TARGET engine)
  install(TARGETS engine RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

# Folders that later parts add are installed as soon as they are there.
function(engine_install_folder folder destination)
  if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/${folder})
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder}/ DESTINATION ${destination}
            PATTERN "*_test.lua" EXCLUDE)
  endif()
endfunction()

engine_install_folder(scripts/engine ${CMAKE_INSTALL_DATADIR}/engine/scripts/engine)
engine_install_folder(scripts/types ${CMAKE_INSTALL_DATADIR}/engine/scripts/types)
# With its test, which is part of what `engine new` makes.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/scripts/new_site/
        DESTINATION ${CMAKE_INSTALL_DATADIR}/engine/scripts/new_site)
engine_install_folder(scenes ${CMAKE_INSTALL_DATADIR}/engine/scenes)
engine_install_folder(config ${CMAKE_INSTALL_DOCDIR}/config)
engine_install_folder(docs ${CMAKE_INSTALL_DOCDIR}/docs)
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
