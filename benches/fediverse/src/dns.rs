//! A name server over UDP: every name below one domain has the same address, and no other name exists.

use simple_dns::{
    CLASS, Packet, PacketFlag, QTYPE, RCODE, ResourceRecord, TYPE,
    rdata::{A, RData},
};
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::UdpSocket;

/// Seconds that a client may keep an address.
const TTL: u32 = 3600;

/// Answers questions until the process ends.
pub(crate) async fn serve(
    listen: SocketAddr,
    domain: String,
    address: Ipv4Addr,
) -> anyhow::Result<()> {
    let socket = UdpSocket::bind(listen).await?;
    let mut buffer = [0; 4096];
    loop {
        let (length, client) = socket.recv_from(&mut buffer).await?;
        if let Ok(response) = respond(&buffer[..length], &domain, address) {
            let _ = socket.send_to(&response, client).await;
        }
    }
}

fn respond(query: &[u8], domain: &str, address: Ipv4Addr) -> simple_dns::Result<Vec<u8>> {
    let query = Packet::parse(query)?;
    let mut response = Packet::new_reply(query.id());
    response.set_flags(PacketFlag::AUTHORITATIVE_ANSWER);
    for question in query.questions {
        let name = question.qname.to_string().to_ascii_lowercase();
        let is_ours = name
            .strip_suffix(domain)
            .is_some_and(|host| host.is_empty() || host.ends_with('.'));
        if !is_ours {
            *response.rcode_mut() = RCODE::NameError;
        } else if question.qtype == QTYPE::TYPE(TYPE::A) {
            response.answers.push(ResourceRecord::new(
                question.qname.clone(),
                CLASS::IN,
                TTL,
                RData::A(A::from(address)),
            ));
        }
        response.questions.push(question);
    }
    response.build_bytes_vec_compressed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use simple_dns::{Name, QCLASS, Question};

    fn ask(name: &str, kind: TYPE) -> (RCODE, usize) {
        let mut query = Packet::new_query(7);
        query.questions.push(Question::new(
            Name::new_unchecked(name),
            QTYPE::TYPE(kind),
            QCLASS::CLASS(CLASS::IN),
            false,
        ));
        let query = query.build_bytes_vec().unwrap();
        let response = respond(&query, "test", Ipv4Addr::new(127, 0, 0, 1)).unwrap();
        let response = Packet::parse(&response).unwrap();
        assert_eq!(response.id(), 7);
        (response.rcode(), response.answers.len())
    }

    #[test]
    fn only_names_below_the_domain_have_an_address() {
        assert_eq!(ask("h1.test", TYPE::A), (RCODE::NoError, 1));
        assert_eq!(ask("H1.TEST", TYPE::A), (RCODE::NoError, 1));
        assert_eq!(ask("h1.test", TYPE::AAAA), (RCODE::NoError, 0));
        assert_eq!(ask("contest", TYPE::A), (RCODE::NameError, 0));
        assert_eq!(ask("example.org", TYPE::A), (RCODE::NameError, 0));
    }
}
