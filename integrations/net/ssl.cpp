// Asio's TLS streams, compiled here once.
#include <boost/asio/ssl/impl/src.hpp>
