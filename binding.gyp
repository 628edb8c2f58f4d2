# The native addon: loops over pages for the erasure codes, and on Linux page tracking by the kernel, memory that processes
# share, and threads that hold a lifeline and beat.
{
  "targets": [
    {
      "target_name": "paritas",
      "sources": [
        "src/memory/native/addon/addon.cc",
        "src/memory/native/addon/batch_kernels.cc",
        "src/memory/native/addon/kernels.cc",
        "src/memory/native/addon/kernels_avx2.cc",
        "src/memory/native/addon/kernels_avx512.cc",
        "src/memory/native/addon/kernels_plain.cc",
        "src/memory/native/addon/region_loops.cc"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS"],
      "cflags_cc": ["-std=c++17", "-Wall", "-Wextra", "-fvisibility=hidden"],
      "conditions": [
        [
          "OS=='linux'",
          {
            # The signal handler stays: a thread that ends must not take the library with it.
            "ldflags": ["-Wl,-z,nodelete"],
            "sources": [
              "src/memory/native/addon/heartbeat.cc",
              "src/memory/native/addon/lifeline.cc",
              "src/memory/native/addon/page_scanner.cc",
              "src/memory/native/addon/quiet_thread.cc",
              "src/memory/native/addon/shared_memory.cc",
              "src/memory/native/addon/touch_ahead.cc",
              "src/memory/native/addon/userfaultfd.cc",
              "src/memory/native/addon/write_faults.cc",
              "src/memory/native/addon/write_guard.cc"
            ]
          }
        ]
      ]
    }
  ]
}
