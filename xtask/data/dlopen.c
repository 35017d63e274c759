// Loads a library in fresh processes and prints the median of the milliseconds that took, and the kilobytes of the
// library that became private to the process, in the loaded file's own mappings.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 21 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static double dirty(const char *path) {
    char line[4096];
    long total = 0, value;
    int ours = 0;
    FILE *maps = fopen("/proc/self/smaps", "r");
    if (!maps) return -1;
    while (fgets(line, sizeof line, maps)) {
        unsigned long from, to;
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2 && strchr(line, '-') < strchr(line, ' '))
            ours = strstr(line, path) != NULL;
        else if (ours && sscanf(line, "Private_Dirty: %ld", &value) == 1)
            total += value;
    }
    fclose(maps);
    return total;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **args) {
    double times[RUNS], kilobytes = 0;
    char *path = count == 2 ? realpath(args[1], NULL) : NULL;
    if (!path) return 2;
    for (int run = 0; run < RUNS; run++) {
        int ends[2];
        double said[2];
        if (pipe(ends)) return 1;
        pid_t child = fork();
        if (child == 0) {
            double start = now();
            void *library = dlopen(path, RTLD_NOW);
            double result[2] = {now() - start, 0};
            if (!library) {
                fprintf(stderr, "%s\n", dlerror());
                _exit(1);
            }
            result[1] = dirty(path);
            _exit(write(ends[1], result, sizeof result) != sizeof result);
        }
        int status;
        waitpid(child, &status, 0);
        if (status || read(ends[0], said, sizeof said) != sizeof said) return 1;
        close(ends[0]);
        close(ends[1]);
        times[run] = said[0];
        kilobytes = said[1];
    }
    qsort(times, RUNS, sizeof *times, compare);
    printf("%.3f %.0f\n", times[RUNS / 2], kilobytes);
    return 0;
}
