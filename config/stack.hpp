// The stack that the bot looks after: where its logs are, what its parts are called, how it is probed, what it may use.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "config/describe.hpp"
#include "config/locale.hpp"
#include "config/scalars.hpp"

namespace tocsin {

/// The values beyond which something counts as unhealthy.
struct Limits {
  Percent cpu = percent(80);
  Percent memory = percent(85);
  Percent disk = percent(90);
  Percent pressure = percent(20);
  Millis latency{100};
  Millis response_p95{2'000};
  Percent error_rate = percent(3);
  Percent availability{995};
  Percent payments = percent(95);
  friend bool operator==(Limits const&, Limits const&) = default;
};

template <class V>
void describe(V& v, Limits& it) {
  v.key("cpu", it.cpu, "Share of processor time in use.", {.min = 1, .max = 1'000});
  v.key("memory", it.memory, "Share of memory in use.", {.min = 1, .max = 1'000});
  v.key("disk", it.disk, "Share of a file system in use, in bytes and in inodes.", {.min = 1, .max = 1'000});
  v.key("pressure", it.pressure, "Share of a minute in which something waited for CPU, memory or disks (PSI).",
        {.min = 1, .max = 1'000});
  v.key("latency", it.latency, "Time to a host of `network`.", {.min = 1, .max = 60'000});
  v.key("response_p95", it.response_p95, "95 of 100 requests are answered within this time.",
        {.min = 1, .max = 600'000});
  v.key("error_rate", it.error_rate, "Share of requests that fail.", {.min = 0, .max = 1'000});
  v.key("availability", it.availability, "Share of time in which users are served; less is unhealthy.",
        {.min = 0, .max = 1'000});
  v.key("payments", it.payments, "Share of payments that go through; less is unhealthy.", {.min = 0, .max = 1'000});
}

/// A log file by the names people use for it.
struct LogFile {
  std::string name;
  std::vector<std::string> aliases;
  Localized title;
  std::string path;
  friend bool operator==(LogFile const&, LogFile const&) = default;
};

template <class V>
void describe(V& v, LogFile& it) {
  v.key("name", it.name, "The word that names it in commands.", {.required = true, .form = Form::word});
  v.key("aliases", it.aliases, "Other words for it, in any language.", {.max = 20, .form = Form::alias});
  v.key("title", it.title, "How it is called in an answer; left out: the name.");
  v.key("path", it.path, "Where it is; a relative path starts at the workdir.", {.required = true, .form = Form::path});
}

/// A part of the stack by the names people use for it.
struct Service {
  std::string name;
  std::vector<std::string> aliases;
  Localized title;
  std::string log;
  std::string health;
  friend bool operator==(Service const&, Service const&) = default;
};

template <class V>
void describe(V& v, Service& it) {
  v.key("name", it.name, "The name the stack itself uses, such as the compose service.",
        {.required = true, .form = Form::word});
  v.key("aliases", it.aliases, "Other words for it, in any language.", {.max = 20, .form = Form::alias});
  v.key("title", it.title, "How it is called in an answer; left out: the name.");
  v.key("log", it.log, "Its log among `logs`.", {.form = Form::word});
  v.key("health", it.health, "Its check among `health`.", {.form = Form::word});
}

/// An HTTP probe. Redirects are not followed: a redirect is a finding of its own.
struct HealthCheck {
  std::string name;
  std::vector<std::string> aliases;
  Localized title;
  std::string url;
  std::vector<std::int64_t> expect{200};
  std::string marker;
  Millis latency{2'000};
  Millis deadline{5'000};
  std::string ca_file;
  friend bool operator==(HealthCheck const&, HealthCheck const&) = default;
};

template <class V>
void describe(V& v, HealthCheck& it) {
  v.key("name", it.name, "The word that names it in commands and actions.", {.required = true, .form = Form::word});
  v.key("aliases", it.aliases, "Other words for it, in any language.", {.max = 20, .form = Form::alias});
  v.key("title", it.title, "How it is called in an answer; left out: the name.");
  v.key("url", it.url, "What is fetched.", {.required = true, .form = Form::url});
  v.key("expect", it.expect, "HTTP status codes that mean healthy.", {.min = 1, .max = 20});
  v.key("marker", it.marker, "A text that the body of a healthy answer contains.", {.max = 200});
  v.key("latency", it.latency, "A slower answer is a warning.", {.min = 1, .max = 60'000});
  v.key("deadline", it.deadline, "No answer by then is a failure; not before `latency`.", {.min = 100, .max = 60'000});
  v.key("ca_file", it.ca_file, "Certificates to trust instead of the system's, PEM.", {.form = Form::path});
}

/// A host whose distance is measured by opening a TCP connection.
struct NetworkHost {
  std::string name;
  Localized title;
  HostPort address;
  std::optional<Millis> latency;
  friend bool operator==(NetworkHost const&, NetworkHost const&) = default;
};

template <class V>
void describe(V& v, NetworkHost& it) {
  v.key("name", it.name, "The word that names it in answers.", {.required = true, .form = Form::word});
  v.key("title", it.title, "How it is called in an answer; left out: the name.");
  v.key("address", it.address, "Host and TCP port, such as 127.0.0.1:5432.", {.required = true, .min = 1});
  v.key("latency", it.latency, "Its own limit; left out: `limits.latency`.", {.min = 1, .max = 60'000});
}

/// What a dangerous action can lose, and how it is known to be saved. `none`: no backup is known, so whatever would
/// lose it is refused.
struct DataSet {
  enum class Kind : std::uint8_t { none, folder };
  std::string name;
  Localized title;
  Kind kind = Kind::none;
  std::string path;
  std::string backups;
  Millis fresh_for = std::chrono::hours{24};
  friend bool operator==(DataSet const&, DataSet const&) = default;
};
template <>
struct Names<DataSet::Kind> {
  static constexpr std::array<std::string_view, 2> kAll{"none", "folder"};
};

template <class V>
void describe(V& v, DataSet& it) {
  v.key("name", it.name, "The word that actions name it by.", {.required = true, .form = Form::word});
  v.key("title", it.title, "How it is called in an answer; left out: the name.");
  v.key("kind", it.kind,
        "How it is backed up: `folder` is copied as files; `none` has no known backup, so an action "
        "that can lose it is refused.",
        {.required = true});
  v.key("path", it.path, "The folder itself; a relative path starts at the workdir.", {.form = Form::path});
  v.key("backups", it.backups, "The folder that holds its backups; outside `path`.", {.form = Form::path});
  v.key("fresh_for", it.fresh_for, "How old a verified backup may be when the data are put at risk.",
        {.min = 60'000, .max = 30LL * 86'400'000});
}

/// A page worth opening.
struct PageLink {
  std::string name;
  std::vector<std::string> aliases;
  Localized title;
  std::string url;
  friend bool operator==(PageLink const&, PageLink const&) = default;
};

template <class V>
void describe(V& v, PageLink& it) {
  v.key("name", it.name, "The word that names it in commands.", {.required = true, .form = Form::word});
  v.key("aliases", it.aliases, "Other words for it, in any language.", {.max = 20, .form = Form::alias});
  v.key("title", it.title, "How it is called in an answer; left out: the name.");
  v.key("url", it.url, "Where it is.", {.required = true, .form = Form::url});
}

/// A time in which work on the stack is expected.
struct MaintenanceWindow {
  Localized title;
  WeeklyHours when{};
  std::string zone;
  friend bool operator==(MaintenanceWindow const&, MaintenanceWindow const&) = default;
};

template <class V>
void describe(V& v, MaintenanceWindow& it) {
  v.key("title", it.title, "What it is called.");
  v.key("when", it.when, "A weekday or `daily`, and hours, such as `sunday 02:00-04:00`.", {.required = true});
  v.key("zone", it.zone, "IANA time zone; left out: the zone of the bot.", {.form = Form::locale_zone});
}

}  // namespace tocsin
