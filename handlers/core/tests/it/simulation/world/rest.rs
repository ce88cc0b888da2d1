//! Everything comes to rest: nothing goes wrong any more, and all that was begun comes to its end.

use super::World;

impl World {
    pub(super) fn rest(&mut self) {
        self.shared.state().faults = false;
        self.tell(|| "from here on nothing goes wrong".to_owned());
        self.settle();
        for index in 0..self.commands.len() {
            if self.commands[index].answers.is_empty() {
                self.send_command(index);
                self.drain();
            }
        }
        // What was only now submitted, published or signed out has its own consequences.
        self.settle();
        self.client_reads_frames();
        for at in 0..self.clients.len() {
            for id in std::mem::take(&mut self.clients[at].sockets) {
                self.shared.state().gateway.close(&id);
            }
            self.come_back(at);
        }
    }

    /// Sweeps until every job has ended and its user was told.
    pub(super) fn settle(&mut self) {
        for _ in 0..30 {
            self.drain();
            if self.shared.state().judge.is_settled() {
                return;
            }
            self.pass_ms(60_000);
            self.sweep();
        }
        panic!("jobs or letters are left over");
    }

    /// The client connects once more, and catches up with everything.
    pub(super) fn come_back(&mut self, at: usize) {
        self.clients[at].refused = 0;
        self.connect(at);
        self.drain();
        let id = self.clients[at].sockets.first().expect("nothing goes wrong").clone();
        for _ in 0..20 {
            let request = self.clients[at].hello(&id);
            self.say(at, &id, request);
            self.drain();
            self.client_reads_frames();
            if !self.clients[at].more {
                break;
            }
        }
        for topic in self.clients[at].topics.clone() {
            let request = self.clients[at].subscribe(&topic);
            self.say(at, &id, request);
            self.drain();
        }
        self.client_reads_frames();
        assert_eq!(self.clients[at].refused, 0, "nothing is refused any more");
    }

    /// Runs everything that is running, and what follows from it.
    pub(super) fn drain(&mut self) {
        for _ in 0..100_000 {
            self.deliver_batch();
            self.hand_over();
            if self.tasks.is_empty() {
                let state = self.shared.state();
                if state.stream.is_empty() && state.queue.is_empty() {
                    return;
                }
                continue;
            }
            for at in (0..self.tasks.len()).rev() {
                if self.tasks[at].frozen_until <= self.now() {
                    self.poll(at);
                }
            }
            // Some are asleep.
            self.pass_ms(10);
        }
        panic!("it does not come to rest");
    }
}
