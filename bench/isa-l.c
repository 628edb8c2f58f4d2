// Intel's ISA-L (Debian: libisal-dev) as a yardstick and as an independent implementation; run by bench/codes.ts.
//   isa-l measure BYTES           for each work that stdin names, a line with the milliseconds it took
//   isa-l encode K M BYTES        stdin: M x K coefficients, K blocks of BYTES; stdout: M blocks
//   isa-l invert N                stdin: an N x N matrix; stdout: its inverse
#include <isa-l.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { members_max = 256 };

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static unsigned char *allocate(size_t bytes) {
  void *memory = NULL;
  if (posix_memalign(&memory, 4096, bytes) != 0) exit(1);
  return memory;
}

static void read_all(void *to, size_t bytes) {
  if (fread(to, 1, bytes, stdin) != bytes) exit(1);
}

struct work {
  size_t bytes;
  unsigned char *source, *rows[2], *quarters[4];
  unsigned char one[32], two[2 * 32], four[2 * 4 * 32];
};

static void copy(struct work *work) { memcpy(work->rows[0], work->source, work->bytes); }

static void add_to_one(struct work *work) {
  ec_encode_data_update(work->bytes, 1, 1, 0, work->one, work->source, work->rows);
}

static void add_to_two(struct work *work) {
  ec_encode_data_update(work->bytes, 1, 2, 0, work->two, work->source, work->rows);
}

static void encode_four(struct work *work) {
  ec_encode_data(work->bytes / 4, 4, 2, work->four, work->quarters, work->rows);
}

static double measured_ms(void (*run)(struct work *), struct work *work) {
  const double start = now_ms();
  run(work);
  return now_ms() - start;
}

static int measure(size_t bytes) {
  static struct work work;
  unsigned char coefficients[2 * 4] = {1, 1, 1, 1, 1, 2, 4, 8}, column[2] = {1, 77};
  work.bytes = bytes;
  work.source = allocate(bytes);
  for (size_t i = 0; i < bytes; ++i) work.source[i] = (unsigned char)(i * 2654435761u >> 13);
  for (int i = 0; i < 2; ++i) memset(work.rows[i] = allocate(bytes), i + 1, bytes);
  for (int i = 0; i < 4; ++i) work.quarters[i] = work.source + i * (bytes / 4);
  ec_init_tables(4, 2, coefficients, work.four);
  ec_init_tables(1, 1, column, work.one);
  ec_init_tables(1, 2, column, work.two);
  for (char name[16]; scanf("%15s", name) == 1;) {
    double ms = 0;
    if (strcmp(name, "copy") == 0) ms = measured_ms(copy, &work);
    else if (strcmp(name, "xor") == 0) ms = measured_ms(add_to_one, &work);
    else if (strcmp(name, "update") == 0) ms = measured_ms(add_to_two, &work);
    else if (strcmp(name, "encode") == 0) ms = measured_ms(encode_four, &work);
    else return 2;
    printf("%.4f\n", ms);
    fflush(stdout);
  }
  return 0;
}

static int encode(int k, int m, size_t bytes) {
  unsigned char *coefficients = allocate((size_t)k * m), *tables = allocate((size_t)k * m * 32);
  unsigned char *data[members_max], *rows[members_max];
  read_all(coefficients, (size_t)k * m);
  for (int i = 0; i < k; ++i) read_all(data[i] = allocate(bytes), bytes);
  for (int j = 0; j < m; ++j) rows[j] = allocate(bytes);
  ec_init_tables(k, m, coefficients, tables);
  ec_encode_data((int)bytes, k, m, tables, data, rows);
  for (int j = 0; j < m; ++j) fwrite(rows[j], 1, bytes, stdout);
  return 0;
}

static int invert(int n) {
  unsigned char *matrix = allocate((size_t)n * n), *inverse = allocate((size_t)n * n);
  read_all(matrix, (size_t)n * n);
  if (gf_invert_matrix(matrix, inverse, n) != 0) return 1;
  fwrite(inverse, 1, (size_t)n * n, stdout);
  return 0;
}

int main(int count, char **arguments) {
  if (count == 3 && strcmp(arguments[1], "measure") == 0) return measure(atol(arguments[2]));
  if (count == 5 && strcmp(arguments[1], "encode") == 0) {
    return encode(atoi(arguments[2]), atoi(arguments[3]), atol(arguments[4]));
  }
  if (count == 3 && strcmp(arguments[1], "invert") == 0) return invert(atoi(arguments[2]));
  return 2;
}
