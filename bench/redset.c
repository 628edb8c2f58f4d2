// What redset (the XOR of SCR) needs for a checkpoint of the processes of an MPI job, and to rebuild one of them: each has a
// memory of so many MiB, writes it to a file, and encodes the files. Arguments: a folder, MiB. Prints `ready` once the job
// runs, and then the milliseconds that the slowest process needed: to write, to encode, to rebuild.
#include <fcntl.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "redset.h"

static int rank, lost;
static char file[4096], prefix[4096];
static size_t bytes;
static char *memory;

static void fail(const char *what) {
  fprintf(stderr, "redset: rank %d: %s failed\n", rank, what);
  MPI_Abort(MPI_COMM_WORLD, 1);
}

static double begin(void) {
  MPI_Barrier(MPI_COMM_WORLD);
  return MPI_Wtime();
}

/** Of the slowest process. */
static double since(double began) {
  double own = 1000 * (MPI_Wtime() - began), slowest;
  MPI_Allreduce(&own, &slowest, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  return slowest;
}

static void write_file(void) {
  int descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  size_t done = 0;
  while (done < bytes) {
    ssize_t count = write(descriptor, memory + done, bytes - done);
    if (count <= 0) fail("write");
    done += count;
  }
  close(descriptor);
}

static redset encode(void) {
  char group[32];
  const char *files[] = {file};
  redset set;
  snprintf(group, sizeof group, "rank%d", rank);
  if (redset_create_xor(MPI_COMM_WORLD, group, 8, &set) != REDSET_SUCCESS) fail("redset_create_xor");
  if (redset_apply(1, files, prefix, set) != REDSET_SUCCESS) fail("redset_apply");
  return set;
}

static void lose(redset set) {
  redset_filelist list = redset_filelist_enc_get(prefix, set);
  for (int i = 0; i < redset_filelist_count(list); i += 1) unlink(redset_filelist_file(list, i));
  redset_filelist_release(&list);
  unlink(file);
}

static void compare(void) {
  char *found = malloc(bytes + 1);
  int descriptor = open(file, O_RDONLY);
  size_t done = 0;
  for (ssize_t count = 1; count > 0 && done <= bytes; done += count > 0 ? count : 0)
    count = read(descriptor, found + done, bytes + 1 - done);
  if (done != bytes || memcmp(found, memory, bytes) != 0) fail("comparing what was rebuilt");
  close(descriptor);
  free(found);
}

/** One checkpoint, one loss, and the end of both. */
static void measure(double ms[3]) {
  double began = begin();
  write_file();
  ms[0] = since(began);
  began = begin();
  redset set = encode();
  ms[1] = since(began);
  if (rank == lost) lose(set);
  redset_delete(&set);
  began = begin();
  if (redset_recover(MPI_COMM_WORLD, prefix, &set) != REDSET_SUCCESS) fail("redset_recover");
  ms[2] = since(began);
  compare();
  redset_unapply(prefix, set);
  redset_delete(&set);
  unlink(file);
}

int main(int argc, char **argv) {
  int ranks;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  if (argc != 3 || redset_init() != REDSET_SUCCESS) fail("redset_init");
  MPI_Barrier(MPI_COMM_WORLD);
  if (rank == 0) {
    puts("ready");
    fflush(stdout);
  }
  lost = ranks / 2;
  bytes = (size_t)atoi(argv[2]) << 20;
  snprintf(file, sizeof file, "%s/rank%d", argv[1], rank);
  snprintf(prefix, sizeof prefix, "%s/rank%d.", argv[1], rank);
  memory = malloc(bytes);
  unsigned long state = rank + 1;
  for (size_t i = 0; i < bytes; i += 1) memory[i] = (char)((state = state * 6364136223846793005ul + 1442695040888963407ul) >> 56);
  // The first time finds memory and code that nobody has used.
  double ms[3];
  measure(ms);
  measure(ms);
  if (rank == 0) printf("%f %f %f\n", ms[0], ms[1], ms[2]);
  free(memory);
  redset_finalize();
  MPI_Finalize();
  return 0;
}
