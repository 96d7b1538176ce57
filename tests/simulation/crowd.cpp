#include "tests/simulation/crowd.hpp"

#include <utility>

namespace tocsin::simulation {
namespace {

using What = Act::What;

std::string number(std::int64_t id) { return "INC-" + std::to_string(id); }

What pick(std::vector<std::pair<int, What>> const& weights, Dice& dice) {
  std::int64_t total = 0;
  for (auto const& each : weights) total += each.first;
  auto left = dice.below(total);
  for (auto const& each : weights) {
    if (left < each.first) return each.second;
    left -= each.first;
  }
  return weights.front().second;
}

/// Mostly what makes sense at this stage, sometimes what does not.
What what_next(ModelIncident const& it, Dice& dice) {
  if (dice.percent(4)) {
    return static_cast<What>(dice.between(static_cast<int>(What::acknowledge), static_cast<int>(What::call)));
  }
  switch (it.stage) {
    case Stage::open:
      return pick({{30, What::acknowledge},
                   {14, What::severity},
                   {4, What::mitigate},
                   {3, What::resolve},
                   {4, What::false_alarm},
                   {3, What::merge},
                   {8, What::undo},
                   {9, What::pause},
                   {it.standing() ? 25 : 1, What::resume},
                   {4, What::assign},
                   {4, What::note},
                   {3, What::update},
                   {8, What::escalate},
                   {4, What::call}},
                  dice);
    case Stage::acknowledged:
      return pick({{5, What::acknowledge},
                   {14, What::severity},
                   {13, What::mitigate},
                   {9, What::resolve},
                   {2, What::false_alarm},
                   {3, What::merge},
                   {13, What::undo},
                   {9, What::pause},
                   {it.standing() ? 25 : 1, What::resume},
                   {7, What::assign},
                   {9, What::note},
                   {5, What::update},
                   {6, What::escalate},
                   {4, What::call}},
                  dice);
    case Stage::mitigated:
      return pick({{30, What::resolve},
                   {20, What::reopen},
                   {15, What::undo},
                   {10, What::severity},
                   {5, What::note},
                   {5, What::assign},
                   {3, What::update},
                   {3, What::pause}},
                  dice);
    case Stage::resolved:
      return pick({{35, What::close}, {30, What::reopen}, {20, What::undo}, {5, What::note}}, dice);
    case Stage::closed:
      return pick({{40, What::reopen}, {30, What::undo}, {10, What::note}}, dice);
  }
  return What::note;
}

std::string two(Time hour) { return (hour < 10 ? "0" : "") + std::to_string(hour) + ":00"; }

}  // namespace

Act next_act(ModelIncident const& it, Model const& model, Dice& dice) {
  Act act;
  act.what = what_next(it, dice);
  act.incident = it.id;
  act.by = dice.one_of(house().people);
  switch (act.what) {
    case What::severity:
      act.severity = static_cast<int>(dice.below(4));
      break;
    case What::escalate:
      act.severity = dice.percent(35) ? static_cast<int>(dice.between(1, 5)) : 0;
      break;
    case What::merge:
      act.number = dice.between(1, static_cast<std::int64_t>(model.incidents.size()));
      break;
    case What::undo:
      // Whoever decided knows it best.
      if (auto const last = model.undos.find(it.id); last != model.undos.end() && dice.percent(85))
        act.by = last->second.by;
      break;
    case What::assign:
    case What::call:
      act.who = dice.one_of(house().people);
      break;
    case What::update:
      act.length = dice.percent(60) ? dice.between(5, 90) * kMinute : 0;
      break;
    default:
      break;
  }
  return act;
}

Act ending_act(ModelIncident const& it, Dice& dice) {
  Act act;
  act.what = it.stage == Stage::resolved ? What::close : What::resolve;
  act.incident = it.id;
  act.by = dice.one_of(house().people);
  return act;
}

Act opening_act(Dice& dice) {
  Act act;
  act.what = What::open;
  act.by = dice.one_of(house().people);
  act.severity = static_cast<int>(dice.below(4));
  return act;
}

Act standing_in_act(Dice& dice) {
  Act act;
  act.what = What::stand_in;
  act.by = dice.one_of(house().people);
  act.who = dice.one_of(house().people);
  auto const from = dice.below(24);
  auto const to = (from + dice.between(1, 23)) % 24;
  act.length = from * 24 + to;
  return act;
}

Time next_delay(Dice& dice) {
  auto const kind = dice.below(100);
  if (kind < 30) return dice.between(0, 90 * kSecond);
  if (kind < 68) return dice.between(30 * kSecond, 12 * kMinute);
  if (kind < 93) return dice.between(5 * kMinute, 70 * kMinute);
  return dice.between(kHour, 7 * kHour);  // forgotten
}

std::string typed(Act const& act, Dice& dice) {
  bool const chinese = dice.percent(50);
  auto const say = [&](std::string const& zh, std::string const& en) { return chinese ? zh : en; };
  auto const incident = " " + number(act.incident);
  auto const severity = " P" + std::to_string(act.severity);
  switch (act.what) {
    case What::open:
      return say("新建", "/incident open") + severity + say(" 网站无法访问", " website down");
    case What::acknowledge:
      return say("认领", "ack") + incident;
    case What::severity:
      return say("改级", "sev") + incident + severity;
    case What::mitigate:
      return say("缓解", "mitigate") + incident + say(" 流量已切走", "");
    case What::resolve:
      return say("解决", "resolve") + incident + say("", " rolled back");
    case What::false_alarm:
      return say("误报", "false alarm") + incident;
    case What::close:
      return say("关闭", "close") + incident;
    case What::reopen:
      return say("重开", "reopen") + incident + say(" 又坏了", "");
    case What::merge:
      return say("合并 ", "/incident merge ") + number(act.number) + incident;
    case What::undo:
      return say("撤回", "undo") + incident;
    case What::pause:
      return say("暂停计时", "pause") + incident + say(" 等供应商", " waiting for the vendor");
    case What::resume:
      return say("继续计时", "resume") + incident;
    case What::assign:
      return say("指派", "assign") + incident + " @" + act.who;
    case What::note:
      return say("备注", "note") + incident + say(" 重启了 nginx", " restarted nginx");
    case What::update:
      return say("通报", "update") + incident +
             (act.length > 0 ? " next=" + std::to_string(act.length / kMinute) + "m" : "") +
             say(" 正在回退", " rolling back");
    case What::escalate:
      return say("升级", "escalate") + incident + (act.severity > 0 ? " L" + std::to_string(act.severity) : "");
    case What::call:
      return say("呼叫", "page") + incident + " @" + act.who;
    case What::approve:
      return say("批准 K", "approve K") + std::to_string(act.number);
    case What::run:
      return say("执行 K", "run K") + std::to_string(act.number);
    case What::stand_in:
      return say("替班 @", "/oncall override @") + act.who + " " + two(act.length / 24) + "-" + two(act.length % 24);
  }
  return {};
}

}  // namespace tocsin::simulation
