; The joint household domain: what iTHOR's actions PickupObject, PutObject, OpenObject, CloseObject,
; ToggleObjectOn, ToggleObjectOff and SliceObject do. One hand; a closed receptacle gives and takes
; nothing; what is switched on does not open, and a heater that is open does not switch on.
;
; Walking is no action here: the agent goes to what it acts on. `in` is the nearest receptacle, what
; a thing stands on or lies in. `accessible` is a receptacle that gives and takes: not closed, not in
; a closed one, not in the hand. `heats` and `washes` tie a switch to the place where it works: the
; microwave to itself, a stove knob to its burner, a faucet to its basin; `heat` and `rinse` turn
; such a switch on, `toggle_on` a `plain` one. Heat makes all that is there `hot`; what `cools`, the
; fridge, makes `cold` what is in it when it is closed. No condition has a quantifier: those slow engines down.
(define (domain household)
  (:requirements :adl)
  (:types place fixture movable - object  vessel item - movable)
  (:predicates
    (pickupable ?o) (openable ?o) (toggleable ?o) (plain ?o)
    (sliceable ?o) (cookable ?o) (dirtyable ?o) (knife ?o)
    (heats ?switch - object ?place - place) (washes ?switch - object ?place - place)
    (cools ?place)
    (receptacle ?r) (accessible ?r) (in ?o - movable ?r) (holding ?o) (handempty)
    (opened ?o) (toggled ?o) (sliced ?o) (cooked ?o) (dirty ?o) (hot ?o) (cold ?o))
  (:action pickup
    :parameters (?o - movable ?r)
    :precondition (and (pickupable ?o) (handempty) (in ?o ?r) (accessible ?r))
    :effect (and (holding ?o) (not (handempty)) (not (in ?o ?r)) (not (accessible ?o))))
  (:action put
    :parameters (?o - movable ?r)
    :precondition (and (holding ?o) (receptacle ?r) (accessible ?r))
    :effect (and (in ?o ?r) (handempty) (not (holding ?o))
      (when (receptacle ?o) (accessible ?o))))
  (:action open
    :parameters (?o)
    :precondition (and (openable ?o) (not (opened ?o)) (not (toggled ?o)))
    :effect (and (opened ?o) (accessible ?o)
      (forall (?v - vessel) (when (in ?v ?o) (accessible ?v)))))
  (:action close
    :parameters (?o)
    :precondition (and (openable ?o) (opened ?o))
    :effect (and (not (opened ?o)) (not (accessible ?o))
      (forall (?v - vessel) (when (in ?v ?o) (not (accessible ?v))))
      (forall (?m - movable)
        (when (and (cools ?o) (in ?m ?o)) (and (cold ?m) (not (hot ?m)))))
      (forall (?m - movable ?v - vessel)
        (when (and (cools ?o) (in ?m ?v) (in ?v ?o)) (and (cold ?m) (not (hot ?m)))))))
  (:action toggle_on
    :parameters (?o)
    :precondition (and (toggleable ?o) (plain ?o) (not (toggled ?o)))
    :effect (toggled ?o))
  (:action heat
    :parameters (?switch - object ?place - place)
    :precondition (and (heats ?switch ?place) (not (toggled ?switch)) (not (opened ?switch)))
    :effect (and (toggled ?switch)
      (forall (?o - movable) (when (and (cookable ?o) (in ?o ?place)) (cooked ?o)))
      (forall (?o - movable ?v - vessel)
        (when (and (cookable ?o) (in ?o ?v) (in ?v ?place)) (cooked ?o)))
      (forall (?o - movable) (when (in ?o ?place) (and (hot ?o) (not (cold ?o)))))
      (forall (?o - movable ?v - vessel)
        (when (and (in ?o ?v) (in ?v ?place)) (and (hot ?o) (not (cold ?o)))))))
  (:action rinse
    :parameters (?switch - object ?place - place)
    :precondition (and (washes ?switch ?place) (not (toggled ?switch)))
    :effect (and (toggled ?switch)
      (forall (?o - movable) (when (and (dirtyable ?o) (in ?o ?place)) (not (dirty ?o))))))
  (:action toggle_off
    :parameters (?o)
    :precondition (and (toggleable ?o) (toggled ?o))
    :effect (not (toggled ?o)))
  (:action slice
    :parameters (?o - movable ?r - object ?k - movable)
    :precondition (and (sliceable ?o) (not (sliced ?o)) (in ?o ?r) (accessible ?r)
      (knife ?k) (holding ?k))
    :effect (sliced ?o)))
