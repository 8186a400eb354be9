add_compile_options(-Wall -Wextra -Wshadow
                    -ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections)
