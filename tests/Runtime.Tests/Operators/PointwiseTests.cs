using Graph.Lanes;
using Graph.Operators;
using Xunit;

namespace Graph.Tests.Operators;

/// <summary>Every pointwise operator: hand-derived backward against dual numbers in float64, and float32 against float64.</summary>
public sealed class PointwiseTests
{
    private static readonly double[] Points = [-30, -8.5, -7, -2.3, -0.6, 0.2, 1.1, 4.5, 19];

    public static TheoryData<string> Operators() =>
        [.. typeof(Add).Assembly.GetTypes().Where(t => t.IsValueType && !t.IsGenericType && (typeof(IPointwise1).IsAssignableFrom(t) || typeof(IPointwise2).IsAssignableFrom(t))).Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Operators))]
    public void BackwardMatchesDual(string name)
    {
        object op = Make(name);
        foreach (double a in Points)
        {
            foreach (double b in Points)
            {
                const double dy = 0.7;
                if (op is IPointwise1 one)
                {
                    Near(one.Forward(new Dual(a, 1)).Derivative * dy, one.Backward(new F64(a), one.Forward(new F64(a)), new F64(dy)).Value, 1e-8);
                    Near(one.Forward(new F64(a)).Value, one.Forward(F32.Of(a)).Value, 4e-6);
                }
                else if (op is IPointwise2 two)
                {
                    (F64 da, F64 db) = two.Backward(new F64(a), new F64(b), two.Forward(new F64(a), new F64(b)), new F64(dy));
                    Near(two.Forward(new Dual(a, 1), new Dual(b, 0)).Derivative * dy, da.Value, 1e-8);
                    Near(two.Forward(new Dual(a, 0), new Dual(b, 1)).Derivative * dy, db.Value, 1e-8);
                    Near(two.Forward(new F64(a), new F64(b)).Value, two.Forward(F32.Of(a), F32.Of(b)).Value, 4e-6);
                }
            }
        }
    }

    private static object Make(string name)
    {
        Type type = typeof(Add).Assembly.GetType("Graph.Operators." + name)!;
        return type.GetConstructors() is [{ } constructor, ..]
            ? constructor.Invoke([.. constructor.GetParameters().Select(p => Convert.ChangeType(1.7, p.ParameterType, null))])
            : Activator.CreateInstance(type)!;
    }

    private static void Near(double expected, double actual, double tolerance) =>
        Assert.InRange(Math.Abs(expected - actual), 0, tolerance * Math.Abs(expected) + 1e-12);
}
