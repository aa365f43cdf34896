namespace Graph.Lanes;

/// <summary>A dual number: a value and its derivative along one direction. Running a forward over it differentiates the forward exactly.</summary>
public readonly struct Dual(double value, double derivative) : ILane<Dual>
{
    public double Value { get; } = value;

    public double Derivative { get; } = derivative;

    public static Dual Zero => default;

    public static Dual One => new(1, 0);

    public static Dual Of(double value) => new(value, 0);

    public static Dual operator +(Dual a, Dual b) => new(a.Value + b.Value, a.Derivative + b.Derivative);

    public static Dual operator -(Dual a, Dual b) => new(a.Value - b.Value, a.Derivative - b.Derivative);

    public static Dual operator -(Dual a) => new(-a.Value, -a.Derivative);

    public static Dual operator *(Dual a, Dual b) => new(a.Value * b.Value, a.Derivative * b.Value + a.Value * b.Derivative);

    public static Dual operator /(Dual a, Dual b)
    {
        double quotient = a.Value / b.Value;
        return new(quotient, (a.Derivative - quotient * b.Derivative) / b.Value);
    }

    public static Dual MulAdd(Dual a, Dual b, Dual c) => a * b + c;

    public static Dual Max(Dual a, Dual b) => IfGreater(b, a, b, a);

    public static Dual Min(Dual a, Dual b) => IfGreater(a, b, b, a);

    public static Dual Exp(Dual a)
    {
        double exp = Math.Exp(a.Value);
        return new(exp, exp * a.Derivative);
    }

    public static Dual Log(Dual a) => new(Math.Log(a.Value), a.Derivative / a.Value);

    public static Dual Sqrt(Dual a)
    {
        double root = Math.Sqrt(a.Value);
        return new(root, a.Derivative / (2 * root));
    }

    public static Dual IfGreater(Dual a, Dual b, Dual yes, Dual no) => a.Value > b.Value ? yes : no;
}
