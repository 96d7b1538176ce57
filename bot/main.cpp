#include "bot/command_line.hpp"
#include "bot/memory.hpp"

int main(int count, char** words) {
  tocsin::share_heaps();
  return tocsin::command_line(count, words);
}
