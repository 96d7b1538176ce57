#include "bot/command_line.hpp"

int main(int count, char** words) { return tocsin::command_line(count, words); }
