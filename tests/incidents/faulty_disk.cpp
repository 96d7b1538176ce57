#include "tests/incidents/faulty_disk.hpp"

#include <sqlite3.h>

#include <cstring>
#include <new>

namespace tocsin::test {
namespace {

constexpr char const* kName = "tocsin-faulty";

/// What SQLite holds: ours in front, the file of the system's own in the memory behind it.
struct File {
  sqlite3_file base;
  sqlite3_file* real;
};

sqlite3_file* real_of(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real; }

Faults& all_faults() {
  static Faults faults;
  return faults;
}

int close(sqlite3_file* file) { return real_of(file)->pMethods->xClose(real_of(file)); }
int read(sqlite3_file* file, void* into, int count, sqlite3_int64 offset) {
  if (int const fault = all_faults().reading) return fault;
  return real_of(file)->pMethods->xRead(real_of(file), into, count, offset);
}
int write(sqlite3_file* file, void const* from, int count, sqlite3_int64 offset) {
  if (int const fault = all_faults().writing) return fault;
  return real_of(file)->pMethods->xWrite(real_of(file), from, count, offset);
}
int truncate(sqlite3_file* file, sqlite3_int64 size) { return real_of(file)->pMethods->xTruncate(real_of(file), size); }
int sync(sqlite3_file* file, int flags) { return real_of(file)->pMethods->xSync(real_of(file), flags); }
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
int lock(sqlite3_file* file, int level) { return real_of(file)->pMethods->xLock(real_of(file), level); }
int unlock(sqlite3_file* file, int level) { return real_of(file)->pMethods->xUnlock(real_of(file), level); }
int reserved(sqlite3_file* file, int* out) { return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out); }
int control(sqlite3_file* file, int what, void* argument) {
  return real_of(file)->pMethods->xFileControl(real_of(file), what, argument);
}
int sector(sqlite3_file* file) { return real_of(file)->pMethods->xSectorSize(real_of(file)); }
int traits(sqlite3_file* file) { return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file)); }
int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}
int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}
void shm_barrier(sqlite3_file* file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); }
int shm_unmap(sqlite3_file* file, int remove) { return real_of(file)->pMethods->xShmUnmap(real_of(file), remove); }

/// Version 2: with shared memory, without pages fetched behind our back.
constexpr sqlite3_io_methods kMethods{2,        close,       read,      write,   truncate, sync,   file_size,
                                      lock,     unlock,      reserved,  control, sector,   traits, shm_map,
                                      shm_lock, shm_barrier, shm_unmap, nullptr, nullptr};

sqlite3_vfs* system_disk = nullptr;
sqlite3_vfs faulty_disk{};

int open(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out) {
  auto* const ours = reinterpret_cast<File*>(file);
  ours->real = reinterpret_cast<sqlite3_file*>(ours + 1);
  auto const code = system_disk->xOpen(system_disk, name, ours->real, flags, out);
  // Without methods SQLite never calls close; the real one may have some even after a failure.
  ours->base.pMethods = ours->real->pMethods == nullptr ? nullptr : &kMethods;
  return code;
}

}  // namespace

Faults& FaultyDisk::faults() { return all_faults(); }

FaultyDisk::FaultyDisk() {
  mend();
  if (system_disk == nullptr) {
    system_disk = sqlite3_vfs_find(nullptr);
    faulty_disk = *system_disk;
    faulty_disk.zName = kName;
    faulty_disk.szOsFile = static_cast<int>(sizeof(File)) + system_disk->szOsFile;
    faulty_disk.xOpen = open;
  }
  sqlite3_vfs_register(&faulty_disk, 1);
}

FaultyDisk::~FaultyDisk() {
  mend();
  sqlite3_vfs_register(system_disk, 1);
}

}  // namespace tocsin::test
